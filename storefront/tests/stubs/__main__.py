"""Both stubs for looking at pages by hand: `python -m storefront.tests.stubs 8001 8002`."""

import sys
import time

from storefront.tests.stubs.orders import Orders
from storefront.tests.stubs.products import Catalogue
from storefront.tests.stubs.server import Stub

catalogue = Catalogue()
orders = Orders(catalogue)
stubs = [Stub(catalogue.answer, int(sys.argv[1])), Stub(orders.answer, int(sys.argv[2]))]
print("serving", *(stub.url for stub in stubs))
LIFE = ("placed", "reserved", "authorized", "committed", "confirmed")
while True:
    time.sleep(1)
    for number, order in orders.by_number.items():
        if order["state"] in LIFE[:-1]:
            orders.move(number, LIFE[LIFE.index(order["state"]) + 1])
