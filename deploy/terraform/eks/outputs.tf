output "kubeconfig_command" {
  description = "Makes a context of kubectl for the cluster"
  value       = "aws eks update-kubeconfig --region ${var.region} --name ${aws_eks_cluster.this.name} --alias ${var.name}"
}

output "registries" {
  description = "newName of each image in overlays/production/images"
  value       = { for name, each in aws_ecr_repository.this : name => each.repository_url }
}

output "shop_env" {
  description = "Lines of overlays/production/shop/shop.env that say where the databases are"
  value = join("\n", concat(flatten([
    for service in ["storefront", "product_service", "order_service"] : [
      "${upper(service)}_DATABASE_URL=postgres://${service}@${aws_db_instance.this.endpoint}/${service}",
      "${upper(service)}_OWNER_DATABASE_URL=postgres://${service}_owner@${aws_db_instance.this.endpoint}/${service}",
    ]
  ]), ["PGSSLMODE=require"]))
}

output "managed_cidrs" {
  description = "Address ranges of the databases, for overlays/production/shop/managed.yaml in place of 10.0.0.0/8; null where the network was there before"
  value       = local.makes_network ? values(aws_subnet.private)[*].cidr_block : null
}

output "redis_urls" {
  description = "REDIS_URL (broker) and CACHE_URL (cache) of the Secrets; put the passwords in"
  value = {
    for name, each in aws_elasticache_replication_group.this :
    name => "rediss://shop:{PASSWORD}@${each.primary_endpoint_address}:6379/0"
  }
}

output "database_host" {
  description = "Where database-roles.sh goes, as the user administrator"
  value       = aws_db_instance.this.address
}

output "database_administrator_secret" {
  description = "The secret with the administrator's password, which RDS rotates"
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}

output "github_roles" {
  description = "Roles for aws-actions/configure-aws-credentials, by the job"
  value       = { for job, each in aws_iam_role.github : job => each.arn }
}
