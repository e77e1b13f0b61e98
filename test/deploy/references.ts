// What no schema can see, and nobody says before 3 a.m.: names in a manifest that lead to nothing. A
// Service that selects no pod, a port that no container has, a ConfigMap that nobody made.

import { at, listAt, mapAt, nameOf, ofKind, type Tree, textAt } from './tree.ts';

const containersOf = (pod: Tree): readonly Tree[] => [
  ...listAt(pod, 'initContainers'),
  ...listAt(pod, 'containers'),
];

const ofWorkloads = (objects: readonly Tree[]): readonly Tree[] => [
  ...ofKind(objects, 'Deployment'),
  ...ofKind(objects, 'StatefulSet'),
];

const podOf = (deployment: Tree): Tree => at(deployment, 'spec', 'template', 'spec');
const labelsOf = (deployment: Tree) => mapAt(deployment, 'spec', 'template', 'metadata', 'labels');

const selects = (selector: Tree, labels: Readonly<Record<string, Tree>>): boolean =>
  Object.entries(mapAt(selector)).every(([name, value]) => labels[name] === value);

const portsOf = (deployment: Tree): ReadonlySet<string> =>
  new Set(
    containersOf(podOf(deployment)).flatMap((container) =>
      listAt(container, 'ports').flatMap((port) => [
        textAt(port, 'name'),
        textAt(port, 'containerPort'),
      ]),
    ),
  );

/** Who uses what: each finding begins with the object that is wrong. */
export function findLooseReferences(
  objects: readonly Tree[],
  elsewhere: readonly string[] = [],
): readonly string[] {
  const known = new Set([...objects.map(nameOf), ...elsewhere]);
  const deployments = ofWorkloads(objects);
  const missing = (user: Tree, names: readonly string[]): readonly string[] =>
    names.filter((name) => !known.has(name)).map((name) => `${nameOf(user)}: no ${name}`);
  return [
    ...deployments.flatMap((deployment) => [
      ...missing(deployment, usedBy(podOf(deployment))),
      ...looseMounts(deployment),
      ...looseProbes(deployment),
      ...(selects(at(deployment, 'spec', 'selector', 'matchLabels'), labelsOf(deployment))
        ? []
        : [`${nameOf(deployment)}: does not select its own pods`]),
    ]),
    ...selectors(objects).flatMap(([user, selector, ports]) => {
      const chosen = deployments.filter((deployment) => selects(selector, labelsOf(deployment)));
      if (chosen.length === 0) return [`${nameOf(user)}: selects no pods`];
      const open = new Set(chosen.flatMap((deployment) => [...portsOf(deployment)]));
      return ports
        .filter((port) => !open.has(port))
        .map((port) => `${nameOf(user)}: no container has port ${port}`);
    }),
    ...looseRoutes(objects),
    ...looseMonitors(objects),
    ...ofKind(objects, 'HorizontalPodAutoscaler').flatMap((scaler) => {
      const { kind, name } = mapAt(scaler, 'spec', 'scaleTargetRef');
      return missing(scaler, [`${kind}/${name}`]);
    }),
  ];
}

/** ConfigMaps, Secrets and the account of a pod. */
const usedBy = (pod: Tree): readonly string[] => [
  ...listAt(pod, 'volumes').flatMap((volume) => [
    ...(at(volume, 'configMap') ? [`ConfigMap/${textAt(volume, 'configMap', 'name')}`] : []),
    ...(at(volume, 'secret') ? [`Secret/${textAt(volume, 'secret', 'secretName')}`] : []),
  ]),
  ...(at(pod, 'serviceAccountName') ? [`ServiceAccount/${textAt(pod, 'serviceAccountName')}`] : []),
];

function looseMounts(deployment: Tree): readonly string[] {
  const pod = podOf(deployment);
  const claims = listAt(deployment, 'spec', 'volumeClaimTemplates');
  const volumes = [
    ...listAt(pod, 'volumes').map((volume) => textAt(volume, 'name')),
    ...claims.map((claim) => textAt(claim, 'metadata', 'name')),
  ];
  const mounts = containersOf(pod).flatMap((container) => listAt(container, 'volumeMounts'));
  const mounted = new Set(mounts.map((mount) => textAt(mount, 'name')));
  return [
    ...[...mounted].filter((name) => !volumes.includes(name)).map((name) => `no volume ${name}`),
    ...volumes.filter((name) => !mounted.has(name)).map((name) => `nobody mounts ${name}`),
    ...mounts
      .filter((mount) => at(mount, 'subPath') !== undefined)
      .map((mount) => `${textAt(mount, 'name')} is a subPath, which never changes`),
  ].map((problem) => `${nameOf(deployment)}: ${problem}`);
}

const looseProbes = (deployment: Tree): readonly string[] =>
  containersOf(podOf(deployment)).flatMap((container) => {
    const own = new Set(listAt(container, 'ports').map((port) => textAt(port, 'name')));
    return ['startupProbe', 'livenessProbe', 'readinessProbe']
      .map((probe) => textAt(container, probe, 'httpGet', 'port'))
      .filter((port) => port !== '' && !own.has(port))
      .map((port) => `${nameOf(deployment)}: ${textAt(container, 'name')} has no port ${port}`);
  });

type Selector = readonly [user: Tree, selector: Tree, ports: readonly string[]];

const selectors = (objects: readonly Tree[]): readonly Selector[] => [
  ...ofKind(objects, 'Service').map((service): Selector => {
    const ports = listAt(service, 'spec', 'ports').map((port) => textAt(port, 'targetPort'));
    return [service, at(service, 'spec', 'selector'), ports];
  }),
  ...ofKind(objects, 'NetworkPolicy').map((policy): Selector => {
    const rules = listAt(policy, 'spec', 'ingress').flatMap((rule) => listAt(rule, 'ports'));
    const ports = rules.map((port) => textAt(port, 'port'));
    return [policy, at(policy, 'spec', 'podSelector', 'matchLabels'), ports];
  }),
  ...ofKind(objects, 'PodDisruptionBudget').map(
    (budget): Selector => [budget, at(budget, 'spec', 'selector', 'matchLabels'), []],
  ),
];

/** Ingress and HTTPRoute name a Service and one of its ports. */
function looseRoutes(objects: readonly Tree[]): readonly string[] {
  const ports = new Set(
    ofKind(objects, 'Service').flatMap((service) =>
      listAt(service, 'spec', 'ports').flatMap((port) => [
        `${textAt(service, 'metadata', 'name')}:${textAt(port, 'name')}`,
        `${textAt(service, 'metadata', 'name')}:${textAt(port, 'port')}`,
      ]),
    ),
  );
  const targets = [
    ...ofKind(objects, 'Ingress').flatMap((ingress) =>
      listAt(ingress, 'spec', 'rules')
        .flatMap((rule) => listAt(rule, 'http', 'paths'))
        .map((entry): readonly [Tree, string] => {
          const { name, port } = mapAt(entry, 'backend', 'service');
          return [ingress, `${name}:${textAt(port, 'name') || textAt(port, 'number')}`];
        }),
    ),
    ...ofKind(objects, 'HTTPRoute').flatMap((route) =>
      listAt(route, 'spec', 'rules')
        .flatMap((rule) => listAt(rule, 'backendRefs'))
        .map((ref): readonly [Tree, string] => [
          route,
          `${textAt(ref, 'name')}:${textAt(ref, 'port')}`,
        ]),
    ),
  ];
  return targets
    .filter(([, target]) => !ports.has(target))
    .map(([user, target]) => `${nameOf(user)}: no Service has ${target}`);
}

const looseMonitors = (objects: readonly Tree[]): readonly string[] =>
  ofKind(objects, 'ServiceMonitor').flatMap((monitor) => {
    const services = ofKind(objects, 'Service').filter((service) =>
      selects(at(monitor, 'spec', 'selector', 'matchLabels'), mapAt(service, 'metadata', 'labels')),
    );
    const names = services.flatMap((service) =>
      listAt(service, 'spec', 'ports').map((port) => textAt(port, 'name')),
    );
    return listAt(monitor, 'spec', 'endpoints')
      .map((endpoint) => textAt(endpoint, 'port'))
      .filter((port) => !names.includes(port))
      .map((port) => `${nameOf(monitor)}: no Service has port ${port}`);
  });
