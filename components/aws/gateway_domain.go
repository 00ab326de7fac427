package aws

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigatewayv2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
)

// trustStore is where API Gateway finds the authorities of an audience's clients.
type trustStore struct {
	uri     pulumi.StringOutput
	version pulumi.StringOutput
	ready   []pulumi.Resource
}

// certificate registers a certificate that renews itself as long as its proof stays in the zone, and
// returns its ARN once it is issued.
func (d *Driver) certificate(
	ctx *pulumi.Context, logical, host string, args gateway.Args, parent pulumi.Resource,
) (pulumi.StringOutput, error) {
	none := pulumi.StringOutput{}
	certificate, err := acm.NewCertificate(ctx, logical+"-certificate", &acm.CertificateArgs{
		DomainName: pulumi.String(host), ValidationMethod: pulumi.String("DNS"), Tags: tagMap(args.Tags, host),
	}, pulumi.Parent(parent))
	if err != nil {
		return none, fmt.Errorf("certificate of %s: %w", host, err)
	}
	proof := certificate.DomainValidationOptions.Index(pulumi.Int(0))
	record, err := route53.NewRecord(ctx, logical+"-proof", &route53.RecordArgs{
		ZoneId: pulumi.String(args.Zone), Name: proof.ResourceRecordName().Elem(), Type: proof.ResourceRecordType().Elem(),
		Records: pulumi.StringArray{proof.ResourceRecordValue().Elem()}, Ttl: pulumi.Int(300),
	}, pulumi.Parent(parent))
	if err != nil {
		return none, fmt.Errorf("proof for the certificate of %s: %w", host, err)
	}
	issued, err := acm.NewCertificateValidation(ctx, logical+"-issued", &acm.CertificateValidationArgs{
		CertificateArn: certificate.Arn, ValidationRecordFqdns: pulumi.StringArray{record.Fqdn},
	}, pulumi.Parent(parent))
	if err != nil {
		return none, fmt.Errorf("issue of the certificate of %s: %w", host, err)
	}
	return issued.CertificateArn, nil
}

// audienceDomain registers an audience's host name before its API; the endpoint resolves when both
// the name and what it leads to are there.
func (d *Driver) audienceDomain(
	ctx *pulumi.Context, logical, host string, args gateway.Args, api *apigatewayv2.Api, stage *apigatewayv2.Stage,
	store *trustStore, parent pulumi.Resource,
) (pulumi.StringOutput, error) {
	none := pulumi.StringOutput{}
	certificate, err := d.certificate(ctx, logical, host, args, parent)
	if err != nil {
		return none, err
	}
	spec := &apigatewayv2.DomainNameArgs{
		DomainName: pulumi.String(host), Tags: tagMap(args.Tags, host),
		DomainNameConfiguration: apigatewayv2.DomainNameDomainNameConfigurationArgs{
			CertificateArn: certificate, EndpointType: pulumi.String("REGIONAL"), SecurityPolicy: pulumi.String("TLS_1_2"),
		},
	}
	opts := []pulumi.ResourceOption{pulumi.Parent(parent)}
	if store != nil {
		spec.MutualTlsAuthentication = apigatewayv2.DomainNameMutualTlsAuthenticationArgs{
			TruststoreUri: store.uri, TruststoreVersion: store.version.ToStringPtrOutput(),
		}
		opts = append(opts, pulumi.DependsOn(store.ready))
	}
	domain, err := apigatewayv2.NewDomainName(ctx, logical+"-domain", spec, opts...)
	if err != nil {
		return none, fmt.Errorf("domain name: %w", err)
	}
	mapping, err := apigatewayv2.NewApiMapping(ctx, logical+"-mapping", &apigatewayv2.ApiMappingArgs{
		ApiId: api.ID(), DomainName: domain.ID(), Stage: stage.Name,
	}, pulumi.Parent(parent))
	if err != nil {
		return none, fmt.Errorf("mapping: %w", err)
	}
	record, err := route53.NewRecord(ctx, logical+"-record", &route53.RecordArgs{
		ZoneId: pulumi.String(args.Zone), Name: pulumi.String(host), Type: pulumi.String("A"),
		Aliases: route53.RecordAliasArray{route53.RecordAliasArgs{
			Name:                 domain.DomainNameConfiguration.TargetDomainName().Elem(),
			ZoneId:               domain.DomainNameConfiguration.HostedZoneId().Elem(),
			EvaluateTargetHealth: pulumi.Bool(false),
		}},
	}, pulumi.Parent(parent))
	if err != nil {
		return none, fmt.Errorf("record: %w", err)
	}
	return pulumi.All(record.Fqdn, mapping.ID()).ApplyT(func([]any) string { return "https://" + host }).(pulumi.StringOutput), nil
}

// trustStores registers one bucket for the trust stores of all audiences that have one.
func (d *Driver) trustStores(
	ctx *pulumi.Context, name string, args gateway.Args, parent pulumi.Resource,
) (map[string]*trustStore, error) {
	var with []string
	for _, audience := range slices.Sorted(maps.Keys(args.Audiences)) {
		if args.Audiences[audience].Auth == gateway.MutualTLS {
			with = append(with, audience)
		}
	}
	if len(with) == 0 {
		return nil, nil
	}
	bucket, ready, err := d.bucket(ctx, name+"-trust", privateBucket{
		// Nothing but public certificates, which API Gateway must read: the keys of S3 are enough.
		purpose: "the trust stores", tags: args.Tags,
	}, parent)
	if err != nil {
		return nil, err
	}
	stores := map[string]*trustStore{}
	for _, audience := range with {
		key := audience + ".pem"
		object, err := s3.NewBucketObjectv2(ctx, name+"-trust-"+audience, &s3.BucketObjectv2Args{
			Bucket: bucket.Bucket, Key: pulumi.String(key), Content: pulumi.String(args.Audiences[audience].TrustStore),
			ContentType: pulumi.String("application/x-pem-file"), Tags: tagMap(args.Tags, key),
			// Only what is written while versions are kept has a version for the domain name to name.
		}, pulumi.Parent(parent), pulumi.DependsOn(ready))
		if err != nil {
			return nil, fmt.Errorf("trust store of %s: %w", audience, err)
		}
		stores[audience] = &trustStore{
			uri: pulumi.Sprintf("s3://%s/%s", bucket.Bucket, key), version: object.VersionId, ready: []pulumi.Resource{object},
		}
	}
	return stores, nil
}
