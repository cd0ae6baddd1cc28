# One secret for each Secret of the namespace, empty: its value comes from `make secrets` by the AWS
# command line, and is never in the state. PostgreSQL's administrator has one of RDS's own.
locals {
  secrets = toset([
    "storefront",
    "product-service",
    "order-service",
    "storefront-owner",
    "product-service-owner",
    "order-service-owner",
    "grafana",
    "alertmanager",
  ])
}

resource "aws_secretsmanager_secret" "shop" {
  for_each = local.secrets

  name                    = "${var.name}/production/${each.value}"
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = 30
}
