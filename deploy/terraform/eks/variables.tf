variable "region" {
  description = "AWS region, such as eu-central-1"
  type        = string
}

variable "name" {
  description = "Name of the cluster, and the beginning of every other name"
  type        = string
  default     = "techcommerce"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,19}$", var.name))
    error_message = "Write 3 to 20 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes, 1.30 or newer"
  type        = string
  default     = "1.35"

  validation {
    condition     = can(regex("^1\\.[3-9][0-9]$", var.kubernetes_version))
    error_message = "The shop needs Kubernetes 1.30 or newer, written as 1.35."
  }
}

variable "vpc_id" {
  description = "A network that is there already; null makes one"
  type        = string
  default     = null
}

variable "private_subnet_ids" {
  description = "With vpc_id: subnets in two zones or more, with a way out to the internet; nodes and databases stand in them"
  type        = list(string)
  default     = []

  validation {
    condition     = (var.vpc_id == null) == (length(var.private_subnet_ids) == 0)
    error_message = "Give vpc_id and private_subnet_ids together, or neither."
  }
}

variable "zones" {
  description = "Without vpc_id: availability zones of the network, such as eu-central-1a; three, or two at least"
  type        = list(string)
  default     = []

  validation {
    condition     = var.vpc_id != null || length(var.zones) >= 2
    error_message = "Name two zones or more, or give a vpc_id."
  }
}

variable "vpc_cidr" {
  description = "Addresses of the network that is made: inside 10.0.0.0/8, a /16"
  type        = string
  default     = "10.64.0.0/16"
}

variable "administrator_arns" {
  description = "IAM roles of the people who administer the cluster"
  type        = list(string)
}

variable "api_cidrs" {
  description = "Addresses that may reach the API server from outside, such as an office's; GitHub's runners have none of their own. Empty: only from the network"
  type        = list(string)
  default     = []
}

variable "node_type" {
  description = "EC2 type of a node; images are built for amd64 and arm64, and this default is amd64"
  type        = string
  default     = "m7i.large"
}

variable "node_counts" {
  description = "Nodes of the group: at least, at first, at most"
  type = object({
    least = number
    first = number
    most  = number
  })
  default = { least = 3, first = 3, most = 6 }
}

variable "database_class" {
  description = "RDS instance class"
  type        = string
  default     = "db.m7g.large"
}

variable "database_storage_gib" {
  description = "Storage of the database at first, in GiB; it grows to four times as much by itself"
  type        = number
  default     = 50
}

variable "backup_days" {
  description = "Days to which the database can be set back, to any second of them"
  type        = number
  default     = 14

  validation {
    condition     = var.backup_days >= 7 && var.backup_days <= 35
    error_message = "RDS keeps up to 35 days; fewer than 7 are too few to notice a loss."
  }
}

variable "redis_type" {
  description = "ElastiCache node type of broker and cache"
  type        = string
  default     = "cache.t4g.small"
}

variable "redis_passwords" {
  description = "Passwords of broker and cache, REDIS_PASSWORD and CACHE_PASSWORD of `make secrets`: by TF_VAR_redis_passwords, never by a file"
  type = object({
    broker = string
    cache  = string
  })
  sensitive = true
  ephemeral = true

  validation {
    condition     = length(var.redis_passwords.broker) >= 16 && length(var.redis_passwords.cache) >= 16
    error_message = "ElastiCache wants 16 characters or more."
  }
}

variable "redis_passwords_version" {
  description = "Raise it when redis_passwords change: what is write-only cannot be compared"
  type        = number
  default     = 1
}

variable "github_subject" {
  description = "The repository as GitHub's tokens name it: owner@id/name@id where it was made after 2026-07-15, owner/name before"
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+(@[0-9]+)?/[A-Za-z0-9._-]+(@[0-9]+)?$", var.github_subject))
    error_message = "Write owner@123456/name@456789, or owner/name; no wildcards."
  }
}

variable "log_days" {
  description = "Days that logs of the API server, the network and the database are kept"
  type        = number
  default     = 365
}
