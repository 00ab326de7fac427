package aws

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/database"
)

const (
	// proxyPoolPercent is the share of the server's connections that the proxy opens; the rest is for
	// administration and for RDS itself.
	proxyPoolPercent = 80
	// proxyBorrowSeconds is how long a client waits for a connection; its own time-outs come first.
	proxyBorrowSeconds = 30
	// proxyIdleSeconds is how long a client may be silent, the proxy's default.
	proxyIdleSeconds = 1800
)

// databaseGroups are the security groups of a server and of its proxy, if it has one.
type databaseGroups struct {
	server, proxy pulumi.StringOutput
}

// databaseSecurityGroups let the clients reach the server, or the proxy and the proxy alone the
// server: clients that went past the proxy would use up the connections that it counts on. Neither
// may open connections, but the proxy to its server.
func (d *Driver) databaseSecurityGroups(
	ctx *pulumi.Context, name string, args database.Args, pooled bool, parent pulumi.Resource,
) (databaseGroups, error) {
	server, err := ec2.NewSecurityGroup(ctx, name+"-server-group", d.databaseGroupArgs(args, "database"), pulumi.Parent(parent))
	if err != nil {
		return databaseGroups{}, fmt.Errorf("security group of the server: %w", err)
	}
	groups := databaseGroups{server: server.ID().ToStringOutput()}
	if !pooled {
		return groups, d.databaseRule(ctx, name+"-server-from-clients", "ingress", groups.server, args.ClientSecurityGroup, parent)
	}
	proxy, err := ec2.NewSecurityGroup(ctx, name+"-proxy-group", d.databaseGroupArgs(args, "database-proxy"), pulumi.Parent(parent))
	if err != nil {
		return databaseGroups{}, fmt.Errorf("security group of the proxy: %w", err)
	}
	groups.proxy = proxy.ID().ToStringOutput()
	for _, rule := range []struct {
		role, direction string
		group, peer     pulumi.StringOutput
	}{
		{"proxy-from-clients", "ingress", groups.proxy, args.ClientSecurityGroup},
		{"proxy-to-server", "egress", groups.proxy, groups.server},
		{"server-from-proxy", "ingress", groups.server, groups.proxy},
	} {
		if err := d.databaseRule(ctx, name+"-"+rule.role, rule.direction, rule.group, rule.peer, parent); err != nil {
			return databaseGroups{}, err
		}
	}
	return groups, nil
}

func (d *Driver) databaseGroupArgs(args database.Args, role string) *ec2.SecurityGroupArgs {
	name := d.physical(KindSecurityGroup, args.Service, role)
	return &ec2.SecurityGroupArgs{
		Name: pulumi.String(name), Description: pulumi.String("Database of service " + args.Service),
		VpcId: args.Network.ID.ToStringPtrOutput(), Tags: tagMap(args.Tags, name),
	}
}

// databaseRule opens Postgres's port between two groups.
func (d *Driver) databaseRule(
	ctx *pulumi.Context, name, direction string, group, peer pulumi.StringOutput, parent pulumi.Resource,
) error {
	if _, err := ec2.NewSecurityGroupRule(ctx, name, &ec2.SecurityGroupRuleArgs{
		Type: pulumi.String(direction), Protocol: pulumi.String("tcp"),
		FromPort: pulumi.Int(database.Port), ToPort: pulumi.Int(database.Port),
		SecurityGroupId: group, SourceSecurityGroupId: peer, Description: pulumi.String("Postgres"),
	}, pulumi.Parent(parent)); err != nil {
		return fmt.Errorf("security group rule %s: %w", name, err)
	}
	return nil
}

// proxyTarget is what a proxy stands before.
type proxyTarget struct {
	instance, secret, key, group pulumi.StringOutput
}

// databaseProxy registers the pooler: clients prove who they are with tokens of their identities, and
// the proxy logs in with the password that RDS keeps for it.
func (d *Driver) databaseProxy(
	ctx *pulumi.Context, name string, args database.Args, target proxyTarget, parent pulumi.Resource,
) (*rds.Proxy, error) {
	roleName := d.physical(KindRole, args.Service, "database-proxy")
	role, err := iam.NewRole(ctx, name+"-proxy-role", &iam.RoleArgs{
		Name:             pulumi.String(roleName),
		Description:      pulumi.String("Proxy of the database of service " + args.Service),
		AssumeRolePolicy: policyJSON(d.proxyTrust()),
		Tags:             tagMap(args.Tags, roleName),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("role: %w", err)
	}
	policy, err := iam.NewRolePolicy(ctx, name+"-proxy-policy", &iam.RolePolicyArgs{
		Name: pulumi.String(d.physical(KindRolePolicy, args.Service, "database-proxy")), Role: role.Name,
		Policy: policyJSON(d.proxyStatements(target)...),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	proxy, err := rds.NewProxy(ctx, name+"-proxy", d.proxyArgs(args, role.Arn, target),
		pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{policy}))
	if err != nil {
		return nil, err
	}
	group, err := rds.NewProxyDefaultTargetGroup(ctx, name+"-proxy-pool", &rds.ProxyDefaultTargetGroupArgs{
		DbProxyName: proxy.Name,
		ConnectionPoolConfig: rds.ProxyDefaultTargetGroupConnectionPoolConfigArgs{
			MaxConnectionsPercent:   pulumi.Int(proxyPoolPercent),
			ConnectionBorrowTimeout: pulumi.Int(proxyBorrowSeconds),
		},
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("pool: %w", err)
	}
	if _, err := rds.NewProxyTarget(ctx, name+"-proxy-target", &rds.ProxyTargetArgs{
		DbProxyName: proxy.Name, TargetGroupName: group.Name, DbInstanceIdentifier: target.instance.ToStringPtrOutput(),
	}, pulumi.Parent(parent)); err != nil {
		return nil, fmt.Errorf("target: %w", err)
	}
	return proxy, nil
}

func (d *Driver) proxyArgs(args database.Args, role pulumi.StringInput, target proxyTarget) *rds.ProxyArgs {
	name := d.physical(KindDatabaseProxy, args.Service)
	var subnets pulumi.StringArray
	for _, subnet := range args.Network.DataSubnets {
		subnets = append(subnets, subnet.ID)
	}
	return &rds.ProxyArgs{
		Name:         pulumi.String(name),
		EngineFamily: pulumi.String("POSTGRESQL"),
		RequireTls:   pulumi.Bool(true),
		Auths: rds.ProxyAuthArray{rds.ProxyAuthArgs{
			AuthScheme: pulumi.String("SECRETS"), IamAuth: pulumi.String("REQUIRED"), SecretArn: target.secret.ToStringPtrOutput(),
		}},
		IdleClientTimeout:   pulumi.Int(proxyIdleSeconds),
		RoleArn:             role,
		VpcSubnetIds:        subnets,
		VpcSecurityGroupIds: pulumi.StringArray{target.group},
		Tags:                tagMap(args.Tags, name),
	}
}

// proxyTrust lets RDS act for proxies of this account only.
func (d *Driver) proxyTrust() statement {
	trusted := trust([]string{"sts:AssumeRole"}, "rds.amazonaws.com")
	trusted.Conditions = []condition{{Operator: "StringEquals", Key: "aws:SourceAccount", Values: texts(d.s.Account)}}
	return trusted
}

// proxyStatements let the proxy read exactly the one password
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-iam-setup.html).
func (d *Driver) proxyStatements(target proxyTarget) []statement {
	return []statement{
		{
			Sid: "Password", Actions: readSecretActions,
			Resources: []pulumi.StringInput{target.secret},
		},
		{
			Sid: "PasswordKey", Actions: []string{"kms:Decrypt"}, Resources: []pulumi.StringInput{target.key},
			Conditions: []condition{{Operator: "StringEquals", Key: "kms:ViaService", Values: texts("secretsmanager." + d.s.Region + ".amazonaws.com")}},
		},
	}
}
