# One secret for each Secret of production, named NAMESPACE/SECRET as the component external-secrets asks
# for it, and empty: its value comes from `make secrets` by the AWS command line, and is never in the
# state. PostgreSQL's administrator has one of RDS's own.
locals {
  secrets = toset([
    "techcommerce-production/storefront",
    "techcommerce-production/product-service",
    "techcommerce-production/order-service",
    "techcommerce-production/storefront-owner",
    "techcommerce-production/product-service-owner",
    "techcommerce-production/order-service-owner",
    "monitoring-production/grafana",
    "monitoring-production/alertmanager",
  ])
}

resource "aws_secretsmanager_secret" "shop" {
  #checkov:skip=CKV2_AWS_57:two values are valid while one is rotated, by hand: deploy/kubernetes/README.md
  for_each = local.secrets

  name                    = each.value
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = 30
}
