# GitHub Actions shows a token of its own for each job, so no key of AWS lies at GitHub. The job of the
# environment `registry` may push images. Those of the environments `staging` and `production` may read
# them, to verify who signed, and reach the cluster, where Kubernetes' own rights of
# deploy/kubernetes/namespace/access.yaml say what they may do. A job that names an environment is called
# by it in its token, and by no branch: which branches may use an environment is set at GitHub.
locals {
  github = "token.actions.githubusercontent.com"

  github_jobs = {
    push       = "environment:registry"
    staging    = "environment:staging"
    production = "environment:production"
  }
}

resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://${local.github}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "github" {
  for_each = local.github_jobs

  name                 = "${var.name}-github-${each.key}"
  max_session_duration = 10800 # a backup and migrations may take all of their deadlines
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "${local.github}:aud" = "sts.amazonaws.com"
          "${local.github}:sub" = "repo:${var.github_subject}:${each.value}"
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "github_push" {
  name = "push"
  role = aws_iam_role.github["push"].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { # this call knows no narrower resource
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      {
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:CompleteLayerUpload",
          "ecr:GetDownloadUrlForLayer",
          "ecr:InitiateLayerUpload",
          "ecr:PutImage",
          "ecr:UploadLayerPart",
        ]
        Resource = values(aws_ecr_repository.this)[*].arn
      },
    ]
  })
}

resource "aws_iam_role_policy" "github_deploy" {
  for_each = toset(["staging", "production"])

  name = "deploy"
  role = aws_iam_role.github[each.value].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "eks:DescribeCluster"
        Resource = aws_eks_cluster.this.arn
      },
      { # this call knows no narrower resource
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      {
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:GetDownloadUrlForLayer",
        ]
        Resource = values(aws_ecr_repository.this)[*].arn
      },
    ]
  })
}

# In Kubernetes it is a member of the group techcommerce-staging-deployer, which has no right until an
# administrator binds it to the Role `deployer` of that namespace.
resource "aws_eks_access_entry" "github" {
  for_each = toset(["staging", "production"])

  cluster_name      = aws_eks_cluster.this.name
  principal_arn     = aws_iam_role.github[each.value].arn
  kubernetes_groups = ["techcommerce-${each.value}-deployer"]
}
