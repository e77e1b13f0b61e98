import { type Generator, impossible, toLines } from '../lines/setting.ts';
import type { Preset } from './preset.ts';

const albLines: Generator = (setting) => {
  if (setting.secretHeader !== undefined) {
    return impossible('a load balancer of AWS adds no header; remove upstream.trust.secret');
  }
  return toLines([
    '# Rules of the HTTPS listener, in this order:',
    `# 1. Host is ${setting.host}, path is ${setting.browserPaths.join(' or ')}:`,
    '#    authenticate-oidc (OnUnauthenticatedRequest: authenticate), then forward to Asteroid.',
    `# 2. Host is ${setting.host}: forward to Asteroid. Clients call these paths themselves.`,
    '# A path condition of a rule may hold wildcards: write none.',
    '# Attributes of the load balancer: routing.http.drop_invalid_header_fields.enabled=true,',
    '# routing.http.preserve_host_header.enabled=true.',
    '# Its security group is the only source that may reach the targets; upstream.trust.peers are its',
    '# subnets. The load balancer sets X-Amzn-Oidc-Data only where it authenticates: on the other paths',
    '# Asteroid does not read it.',
  ]);
};

export const awsAlb: Preset = {
  about: 'AWS Application Load Balancer with an authenticate action',
  source: {
    kind: 'assertion',
    assertion: {
      header: 'X-Amzn-Oidc-Data',
      scheme: 'raw',
      algorithms: ['ES256'],
      maxAge: 300,
    },
    needs: {
      keys: 'name region, signer (the ARN of the load balancer) and client (its client id)',
    },
  },
  // Anybody with an AWS account has a load balancer that signs with a key of the same place.
  proof: {
    needs: 'peers: the subnets of the load balancer',
    suffices: ({ peers = [] }) => peers.length > 0,
  },
  example: {
    listen: { public: { host: '0.0.0.0', port: 8880 } },
    trust: { peers: ['10.42.7.0/24', '10.42.8.0/24'] },
    assertion: {
      alb: {
        region: 'eu-central-1',
        signer:
          'arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/NAME/0123456789abcdef',
        client: 'CLIENT-ID-OF-THE-LOAD-BALANCER',
      },
    },
  },
  lines: { 'aws-alb': albLines },
};
