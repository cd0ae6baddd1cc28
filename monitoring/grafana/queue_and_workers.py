"""Dashboard "Queue and workers": from an accepted order to its decision."""

from __future__ import annotations

from monitoring.grafana.expressions import NOW, quantile
from monitoring.grafana.orders import MONEY_AND_STOCK, ORDERS
from monitoring.grafana.panels import Dashboard, Query, Row, figure, lines

UNDECIDED = 'techcommerce_orders{state!~"confirmed|cancelled"}'
PER_QUEUE = "max by (queue_name) (celery_queue_length)"
FINISHED = "sum by (queue_name) (rate(techcommerce_queue_finished_total[5m]))"

AT_A_GLANCE = Row(
    "Now",
    figure(
        "Orders and mails waiting",
        "In the messages of all queues. Bad: over a hundred, or any that no worker picks up.",
        Query("sum(max by (queue_name) (celery_queue_length))"),
        levels=(50, 100),
        alerts=("QueueBacklogGrowing", "QueueNotConsumed"),
    ),
    figure(
        "Oldest task age",
        "How long the oldest waiting task has been queued. Bad: over a minute.",
        Query("max(celery_queue_oldest_message_age_seconds)"),
        unit="s",
        levels=(10, 60),
        alerts=("OrderQueueTooOld",),
    ),
    figure(
        "Undecided orders",
        "Orders neither confirmed nor cancelled yet. Bad: a number that keeps growing.",
        Query(f"sum(max by (state) ({UNDECIDED}))"),
        levels=(50, 200),
    ),
    figure(
        "Oldest undecided order",
        "Age of the oldest order without a decision. Bad: over a minute; its shopper is waiting.",
        Query("max(techcommerce_order_oldest_undecided_age_seconds)"),
        unit="s",
        levels=(60, 300),
        alerts=("OrdersStuckUndecided",),
    ),
    figure(
        "Workers",
        "Worker processes that are up. Bad: none.",
        Query('count(up{job="order-worker"} == 1) or vector(0)'),
        alerts=("ServiceDown",),
    ),
    figure(
        "Accounting mismatches",
        "Mismatches found by the checks of money and stock. Bad: anything but 0.",
        Query("sum(max by (check) (techcommerce_invariant_violations))"),
        levels=(1,),
        alerts=("InvariantViolated",),
    ),
    height=5,
)

QUEUE = Row(
    "Queue",
    lines(
        "Queue depth",
        "Orders or mails in messages, by queue. Bad: a line that climbs for minutes.",
        Query(PER_QUEUE, "{{queue_name}}"),
        alerts=("QueueBacklogGrowing", "QueueMetricsMissing"),
    ),
    lines(
        "Tasks in flight",
        "running: a worker is executing it; scheduled: a worker holds it for later. Bad: running "
        "above the size of the pool, or a line that never moves.",
        Query("max by (kind) (celery_queue_unacked)", "{{kind}}"),
        alerts=("UnackedTaskStuck",),
    ),
    lines(
        "Oldest task age, by queue",
        "Age of the oldest waiting task and of the oldest task in flight. Bad: over a minute.",
        Query(
            "max by (queue_name) (celery_queue_oldest_message_age_seconds)", "{{queue_name}}, ready"
        ),
        Query("max(celery_unacked_oldest_age_seconds)", "in flight"),
        unit="s",
        levels=(60,),
        alerts=("OrderQueueTooOld", "UnackedTaskStuck"),
    ),
    lines(
        "Time to drain",
        "Queue depth divided by the rate at which orders or mails are worked off. Bad: over ten "
        "minutes.",
        Query(f"{PER_QUEUE} / clamp_min({FINISHED}, 0.01)", "{{queue_name}}"),
        unit="s",
        levels=(600,),
        alerts=("QueueDrainTooLong",),
    ),
)

WORKERS = Row(
    "Workers",
    lines(
        "Tasks enqueued and completed",
        "Tasks per minute, each about one order or mail or up to 32. Bad: more enqueued than "
        "completed for a long time.",
        Query(f"sum(rate(celery_task_sent_total{NOW})) * 60", "enqueued"),
        Query(f"sum by (name) (rate(celery_task_succeeded_total{NOW})) * 60", "{{name}} completed"),
        unit="opm",
    ),
    lines(
        "Queue wait and run time, p95",
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
        "In the last 15 minutes. Bad: any. A failed step of an order is retried and counts as a "
        "success here, so a failure is a bug.",
        Query(
            "sum by (name, exception) (increase(celery_task_failed_total[15m]))",
            "{{name}} {{exception}}",
        ),
        Query("sum by (name) (increase(celery_task_rejected_total[15m]))", "{{name}} rejected"),
        alerts=("TaskFailureRatioHigh", "TasksVanishing"),
    ),
    lines(
        "Worker pool utilization",
        "Share of worker processes that are busy. Bad: 100 % while the queue grows; add workers.",
        Query("sum(celery_worker_pool_busy) / sum(celery_worker_pool_size)", "busy"),
        unit="percentunit",
        levels=(0.8, 0.95),
        most=1,
        alerts=("QueueBacklogGrowing",),
    ),
)

JOBS = Row(
    "Jobs of the back office",
    lines(
        "Jobs by state",
        "Open jobs, such as imports, and those that failed within an hour. Bad: three failures.",
        Query("max by (state) (techcommerce_jobs)", "{{state}}"),
        alerts=("JobsFailing",),
    ),
    lines(
        "Oldest open job",
        "Since when the oldest open job was asked for. Bad: a quarter of an hour.",
        Query("max(techcommerce_job_oldest_age_seconds)", "oldest"),
        unit="s",
        levels=(300, 900),
        alerts=("JobsStuck",),
    ),
)

DISPATCHER = Row(
    "Dispatcher",
    lines(
        "Outbox lag",
        "Age of the oldest order or mail not yet published to the workers. Bad: over 30 seconds.",
        Query("max by (topic) (techcommerce_outbox_oldest_age_seconds)", "{{topic}}"),
        unit="s",
        levels=(10, 30),
        alerts=("OutboxLagHigh",),
    ),
    lines(
        "Outbox size",
        "Orders and mails not yet published to the workers. Bad: a line that climbs.",
        Query("max by (topic) (techcommerce_outbox_pending)", "{{topic}}"),
        Query("max by (topic) (techcommerce_outbox_dead)", "{{topic}}, given up"),
        alerts=("OutboxLagHigh", "OutboxDeadRows"),
    ),
    lines(
        "Messages published",
        "Messages sent to the workers per minute. Bad: errors; Redis is unavailable.",
        Query(
            f"sum by (topic, outcome) (rate(techcommerce_outbox_published_total{NOW})) * 60",
            "{{topic}} {{outcome}}",
        ),
        unit="opm",
    ),
    lines(
        "Dispatcher heartbeat",
        "Time since a dispatcher last completed a round. Bad: over 30 seconds.",
        Query(
            "time() - max(techcommerce_outbox_relay_last_success_timestamp_seconds)", "dispatcher"
        ),
        unit="s",
        levels=(30, 60),
        alerts=("OutboxRelayStalled",),
    ),
)

QUEUE_AND_WORKERS = Dashboard(
    "techcommerce-queue",
    "Queue and workers",
    "Queue depth and age, workers, outbox and orders.",
    rows=(AT_A_GLANCE, QUEUE, WORKERS, DISPATCHER, JOBS, ORDERS, MONEY_AND_STOCK),
)
