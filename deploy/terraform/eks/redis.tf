# Two servers that differ in what they do when they are full: the broker refuses, because a message must
# not vanish; the cache forgets what was used longest ago.
locals {
  redis = {
    broker = { policy = "noeviction", kept_days = 7 }
    cache  = { policy = "allkeys-lru", kept_days = 0 }
  }
}

resource "aws_elasticache_replication_group" "this" {
  for_each = local.redis

  replication_group_id = "${var.name}-${each.key}"
  description          = "${each.key} of the shop"
  engine               = "valkey"
  engine_version       = "8.1"
  node_type            = var.redis_type
  port                 = 6379
  parameter_group_name = aws_elasticache_parameter_group.this[each.key].name

  num_cache_clusters         = 2
  automatic_failover_enabled = true
  multi_az_enabled           = true

  subnet_group_name          = aws_elasticache_subnet_group.this.name
  security_group_ids         = [aws_security_group.redis.id]
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  at_rest_encryption_enabled = true
  kms_key_id                 = aws_kms_key.this.arn
  user_group_ids             = [aws_elasticache_user_group.this[each.key].id]

  snapshot_retention_limit   = each.value.kept_days
  auto_minor_version_upgrade = true
  maintenance_window         = "tue:03:45-tue:04:45"
}

resource "aws_elasticache_parameter_group" "this" {
  for_each = local.redis

  name   = "${var.name}-${each.key}"
  family = "valkey8"

  parameter {
    name  = "maxmemory-policy"
    value = each.value.policy
  }
}

# A client may do all that a queue or a cache needs, and may not turn the server inside out.
resource "aws_elasticache_user" "this" {
  for_each = local.redis

  user_id              = "${var.name}-${each.key}"
  user_name            = "shop"
  engine               = "valkey"
  access_string        = "on ~* &* +@all -@admin -function"
  passwords_wo         = var.redis_passwords[each.key]
  passwords_wo_version = var.redis_passwords_version
}

resource "aws_elasticache_user_group" "this" {
  for_each = local.redis

  user_group_id = "${var.name}-${each.key}"
  engine        = "valkey"
  user_ids      = [aws_elasticache_user.this[each.key].user_id]
}

resource "aws_elasticache_subnet_group" "this" {
  name       = var.name
  subnet_ids = local.private_subnet_ids
}

resource "aws_security_group" "redis" {
  name        = "${var.name}-redis"
  description = "Broker and cache, for the cluster"
  vpc_id      = local.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "redis" {
  security_group_id            = aws_security_group.redis.id
  description                  = "Redis protocol from nodes and pods"
  referenced_security_group_id = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}
