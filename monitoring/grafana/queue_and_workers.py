"""Dashboard "Queue and workers": from an accepted order to its decision."""

from __future__ import annotations

from monitoring.grafana.expressions import NOW, quantile
from monitoring.grafana.orders import MONEY_AND_STOCK, ORDERS
from monitoring.grafana.panels import Dashboard, Query, figure, lines, row

UNDECIDED = 'techcommerce_orders{state!~"confirmed|cancelled"}'


PER_QUEUE = "max by (queue_name) (celery_queue_length)"
FINISHED = "sum by (queue_name) (rate(celery_task_succeeded_total[5m]))"

AT_A_GLANCE = row(
    "Now",
    figure(
        "Tasks that wait",
        "Ready messages of all queues. Bad: over a hundred, or any that no worker takes.",
        Query("sum(max by (queue_name) (celery_queue_length))"),
        levels=(50, 100),
        alerts=("QueueBacklogGrowing", "QueueNotConsumed"),
    ),
    figure(
        "Oldest task",
        "How long the oldest ready message has waited. Bad: over a minute.",
        Query("max(celery_queue_oldest_message_age_seconds)"),
        unit="s",
        levels=(10, 60),
        alerts=("OrderQueueTooOld",),
    ),
    figure(
        "Undecided orders",
        "Accepted, and neither confirmed nor cancelled. Bad: a number that only grows.",
        Query(f"sum(max by (state) ({UNDECIDED}))"),
        levels=(50, 200),
    ),
    figure(
        "Oldest undecided order",
        "Bad: over a minute; a shopper waits for an answer.",
        Query("max(techcommerce_order_oldest_undecided_age_seconds)"),
        unit="s",
        levels=(60, 300),
        alerts=("OrdersStuckUndecided",),
    ),
    figure(
        "Workers",
        "Worker processes that answer. Bad: none.",
        Query('count(up{job="order-worker"} == 1) or vector(0)'),
        alerts=("ServiceDown",),
    ),
    figure(
        "Differences in the books",
        "Sum of all checks of money and stock. Bad: anything but 0.",
        Query("sum(max by (check) (techcommerce_invariant_violations))"),
        levels=(1,),
        alerts=("InvariantViolated",),
    ),
    height=5,
)

QUEUE = row(
    "Queue",
    lines(
        "Depth",
        "Ready messages. Bad: a line that climbs for minutes.",
        Query(PER_QUEUE, "{{queue_name}}"),
        alerts=("QueueBacklogGrowing", "QueueMetricsMissing"),
    ),
    lines(
        "Taken and not finished",
        "running: a worker has it; scheduled: a worker holds it for later. Bad: running above "
        "the size of the pool, or a line that never moves.",
        Query("max by (kind) (celery_queue_unacked)", "{{kind}}"),
        alerts=("UnackedTaskStuck",),
    ),
    lines(
        "Age",
        "Of the oldest ready message, and of the oldest that was taken and not finished. Bad: "
        "over a minute.",
        Query(
            "max by (queue_name) (celery_queue_oldest_message_age_seconds)",
            "{{queue_name}}, ready",
        ),
        Query("max(celery_unacked_oldest_age_seconds)", "taken"),
        unit="s",
        levels=(60,),
        alerts=("OrderQueueTooOld", "UnackedTaskStuck"),
    ),
    lines(
        "Time until it is empty",
        "Depth over the rate at which tasks succeed. Bad: over ten minutes.",
        Query(f"{PER_QUEUE} / clamp_min({FINISHED}, 0.01)", "{{queue_name}}"),
        unit="s",
        levels=(600,),
        alerts=("QueueDrainTooLong",),
    ),
)

WORKERS = row(
    "Workers",
    lines(
        "In and out",
        "Tasks sent and tasks finished, a minute. Bad: the first above the second for long.",
        Query(f"sum(rate(celery_task_sent_total{NOW})) * 60", "sent"),
        Query(f"sum by (name) (rate(celery_task_succeeded_total{NOW})) * 60", "{{name}} done"),
        unit="opm",
    ),
    lines(
        "Wait and run time, p95",
        "Bad: a wait of over ten seconds, or a run time near the lease of 20 s.",
        Query(
            quantile(0.95, "queue_name", "celery_task_queue_wait_time_bucket"),
            "{{queue_name}}, wait",
        ),
        Query(quantile(0.95, "name", "celery_task_runtime_bucket"), "{{name}}, run"),
        unit="s",
        alerts=("OrderDecisionBudgetBurn",),
    ),
    lines(
        "Failed and rejected tasks",
        "Of a quarter of an hour. Bad: any; a step that fails is retried by its row and counts "
        "as a success here, so a failure is a bug.",
        Query(
            "sum by (name, exception) (increase(celery_task_failed_total[15m]))",
            "{{name}} {{exception}}",
        ),
        Query("sum by (name) (increase(celery_task_rejected_total[15m]))", "{{name}} rejected"),
        alerts=("TaskFailureRatioHigh", "TasksVanishing"),
    ),
    lines(
        "Use of the pool",
        "Share of the worker's processes that work. Bad: 100 % while the queue grows: add workers.",
        Query("sum(celery_worker_pool_busy) / sum(celery_worker_pool_size)", "busy"),
        unit="percentunit",
        levels=(0.8, 0.95),
        most=1,
        alerts=("QueueBacklogGrowing",),
    ),
)

DISPATCHER = row(
    "Dispatcher",
    lines(
        "Due and not announced: age",
        "Orders and mails that no worker was told of. Bad: over 30 seconds.",
        Query("max by (topic) (techcommerce_outbox_oldest_age_seconds)", "{{topic}}"),
        unit="s",
        levels=(10, 30),
        alerts=("OutboxLagHigh",),
    ),
    lines(
        "Due and not announced: rows",
        "Bad: a line that climbs.",
        Query("max by (topic) (techcommerce_outbox_pending)", "{{topic}}"),
        Query("max by (topic) (techcommerce_outbox_dead)", "{{topic}}, given up"),
        alerts=("OutboxLagHigh", "OutboxDeadRows"),
    ),
    lines(
        "Announcements",
        "Messages sent to the workers, a minute. Bad: error, which means Redis.",
        Query(
            f"sum by (topic, outcome) (rate(techcommerce_outbox_published_total{NOW})) * 60",
            "{{topic}} {{outcome}}",
        ),
        unit="opm",
    ),
    lines(
        "Last sign of life",
        "Seconds since a dispatcher last finished a round, up to a scrape old. Bad: over thirty.",
        Query(
            "time() - max(techcommerce_outbox_relay_last_success_timestamp_seconds)",
            "dispatcher",
        ),
        unit="s",
        levels=(30, 60),
        alerts=("OutboxRelayStalled",),
    ),
)

QUEUE_AND_WORKERS = Dashboard(
    "techcommerce-queue",
    "Queue and workers",
    "Depth and age of the queue, the workers, what is not announced yet, and the orders.",
    rows=(AT_A_GLANCE, QUEUE, WORKERS, DISPATCHER, ORDERS, MONEY_AND_STOCK),
)
