"""One list of every metric of the shop: rules and dashboards may name these and no others."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"""["']((?:techcommerce|celery|django)_[a-z_]+)["']""")
HISTOGRAM = ("bucket", "count", "sum")

EVERY_SERVICE = {
    "django_http_responses_total_by_status_view_method_total",
    *(f"django_http_requests_latency_seconds_by_view_method_{each}" for each in HISTOGRAM),
    "django_http_exceptions_total_by_type_total",
    "techcommerce_http_inprogress",
    "techcommerce_http_capacity",
    *("techcommerce_http_connections_waiting", "techcommerce_http_connections_dropped_total"),
    *(f"techcommerce_http_queue_seconds_{each}" for each in HISTOGRAM),
    "techcommerce_build_info",
    *(f"techcommerce_upstream_request_seconds_{each}" for each in HISTOGRAM),
    "techcommerce_upstream_retries_total",
    "techcommerce_upstream_circuit_open",
    *(f"django_db_query_duration_seconds_{each}" for each in HISTOGRAM),
    *("django_db_execute_total", "django_db_execute_many_total", "django_db_errors_total"),
    *("django_db_new_connections_total", "django_db_new_connection_errors_total"),
    *("django_cache_get_total", "django_cache_get_hits_total"),
    *("django_cache_get_misses_total", "django_cache_get_fail_total"),
    *("techcommerce_retention_overdue", "techcommerce_retention_oldest_overdue_seconds"),
    "techcommerce_retention_last_success_timestamp_seconds",
    "techcommerce_retention_deleted_total",
}
WORKER = {
    *("celery_queue_length", "celery_queue_oldest_message_age_seconds"),
    *("celery_queue_unacked", "celery_unacked_oldest_age_seconds"),
    *("celery_task_sent_total", "celery_task_started_total", "celery_task_succeeded_total"),
    *("celery_task_failed_total", "celery_task_rejected_total"),
    *(f"celery_task_runtime_{each}" for each in HISTOGRAM),
    *(f"celery_task_queue_wait_time_{each}" for each in HISTOGRAM),
    *("celery_worker_pool_size", "celery_worker_pool_busy"),
    "techcommerce_queue_finished_total",
}
OWN = {
    "storefront": {
        "django_migrations_unapplied_total",
        *("techcommerce_checkout_total", "techcommerce_funnel_total"),
    },
    "product_service": {
        "django_migrations_unapplied_total",
        "techcommerce_reservations_active",
        "techcommerce_reservation_oldest_age_seconds",
        "techcommerce_invariant_violations",
        "techcommerce_invariant_last_run_timestamp_seconds",
        *("techcommerce_jobs", "techcommerce_job_oldest_age_seconds"),
        *WORKER,
    },
    "order_service": {
        "django_migrations_unapplied_total",
        *WORKER,
        *("techcommerce_outbox_pending", "techcommerce_outbox_oldest_age_seconds"),
        *("techcommerce_outbox_published_total", "techcommerce_outbox_dead"),
        "techcommerce_outbox_relay_last_success_timestamp_seconds",
        *("techcommerce_orders_placed_total", "techcommerce_orders"),
        *("techcommerce_order_transitions_total", "techcommerce_orders_in_attention"),
        *(f"techcommerce_order_decision_seconds_{each}" for each in HISTOGRAM),
        "techcommerce_order_oldest_undecided_age_seconds",
        "techcommerce_reservations_total",
        *("techcommerce_payments_total", "techcommerce_revenue_minor_total"),
        *(f"techcommerce_payment_seconds_{each}" for each in HISTOGRAM),
        "techcommerce_idempotent_replays_total",
        "techcommerce_invariant_violations",
        "techcommerce_invariant_last_run_timestamp_seconds",
        "techcommerce_wal_archive_waiting_seconds",
    },
}


@pytest.mark.parametrize("service", OWN)
def test_a_service_declares_what_the_list_says(service: str) -> None:
    command = [sys.executable, "-m", "tests.metrics.names", service]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    declared, wanted = set(done.stdout.split()), EVERY_SERVICE | OWN[service]
    ours = {name for name in declared if name.startswith(("techcommerce_", "celery_", "django_"))}
    assert ours == wanted


def test_no_metric_is_written_down_that_is_not_in_the_list() -> None:
    """Names in the code, as they are declared: without what Prometheus adds to them."""
    listed = EVERY_SERVICE.union(*OWN.values())
    known = listed | {name.removesuffix(f"_{each}") for name in listed for each in HISTOGRAM}
    known |= {name.removesuffix("_total") for name in known} | {"django_otp"}  # a library
    files = (file for folder in ("chassis", *OWN) for file in (ROOT / folder).glob("**/*.py"))
    code = {file: file.read_text() for file in files if "tests" not in file.parts}
    written = {name: file for file, text in code.items() for name in NAME.findall(text)}
    assert {name: file for name, file in written.items() if name not in known} == {}
