terraform {
  required_version = ">= 1.11" # write-only arguments: no password is in the state

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.50" # passwords_wo of aws_elasticache_user
    }
  }

  # The bucket is made by hand, once, with versions and a KMS key: docs/managed-kubernetes.md.
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { Project = var.name }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}
