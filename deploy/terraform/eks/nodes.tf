resource "aws_eks_node_group" "this" {
  cluster_name    = aws_eks_cluster.this.name
  node_group_name = "shop"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = local.private_subnet_ids
  ami_type        = "BOTTLEROCKET_x86_64"
  instance_types  = [var.node_type]
  version         = var.kubernetes_version

  scaling_config {
    min_size     = var.node_counts.least
    desired_size = var.node_counts.first
    max_size     = var.node_counts.most
  }

  update_config {
    max_unavailable = 1 # the shop's disruption budgets allow one pod of a workload at a time
  }

  launch_template {
    id      = aws_launch_template.node.id
    version = aws_launch_template.node.latest_version
  }

  lifecycle {
    ignore_changes = [scaling_config[0].desired_size] # a node autoscaler counts, where there is one
  }

  depends_on = [aws_iam_role_policy_attachment.node, aws_eks_addon.network]
}

resource "aws_launch_template" "node" {
  name = "${var.name}-node"

  metadata_options { # a pod reaches no node's credentials: one hop ends at the node
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  block_device_mappings { # Bottlerocket's data: images and scratch space; its own disk is read-only
    device_name = "/dev/xvdb"
    ebs {
      volume_type           = "gp3"
      volume_size           = 40
      encrypted             = true
      delete_on_termination = true
    }
  }
}

resource "aws_iam_role" "node" {
  name = "${var.name}-node"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly"])

  role       = aws_iam_role.node.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/${each.value}"
}

# Before the nodes: what enforces the shop's network policies from their first pod on.
resource "aws_eks_addon" "network" {
  cluster_name         = aws_eks_cluster.this.name
  addon_name           = "vpc-cni"
  configuration_values = jsonencode({ enableNetworkPolicy = "true" })
}

resource "aws_eks_addon" "before_nodes" {
  for_each = toset(["kube-proxy", "eks-pod-identity-agent"])

  cluster_name = aws_eks_cluster.this.name
  addon_name   = each.value
}

resource "aws_eks_addon" "on_nodes" {
  for_each = toset(["coredns", "metrics-server"])

  cluster_name = aws_eks_cluster.this.name
  addon_name   = each.value
  depends_on   = [aws_eks_node_group.this]
}

resource "aws_eks_addon" "volumes" {
  cluster_name = aws_eks_cluster.this.name
  addon_name   = "aws-ebs-csi-driver"
  configuration_values = jsonencode({
    defaultStorageClass = { enabled = true } # EKS has none by itself
  })

  pod_identity_association {
    role_arn        = aws_iam_role.pod["volumes"].arn
    service_account = "ebs-csi-controller-sa"
  }

  depends_on = [aws_eks_node_group.this]
}
