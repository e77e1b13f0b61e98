import { Command, CommanderError } from 'commander';
import type { DevOptions } from './dev.ts';
import type { DoctorCommand } from './doctor.ts';
import type { EmitOptions } from './emit.ts';
import type { KeysOptions } from './keys.ts';
import type { ShowOptions } from './preset.ts';

// The words of the command line; each subcommand is loaded only when it is asked for.

const program = new Command('asteroid')
  .description('An OpenID Connect issuer behind a proxy that already knows its users')
  .exitOverride()
  .showHelpAfterError('(asteroid --help lists the commands)');

// Without a default: commander takes one for an answer, and would not miss the option.
const repeatable = (value: string, previous: readonly string[] = []) => [...previous, value];

program
  .command('serve')
  .description('serve an issuer until a signal ends it')
  .requiredOption('--config <file>', 'a base, then what an environment changes', repeatable)
  .action(async ({ config }: { config: readonly string[] }) => {
    const { serve } = await import('./serve.ts');
    process.exitCode = await serve(config);
  });

/** Without it they would be passed over in silence, and an issuer stand where an app was meant to be. */
const ONLY_WITH_EMIT = ['to', 'as', 'issuer', 'audience', 'signer'] as const;

program
  .command('dev')
  .description('serve a throw-away issuer on loopback, with a page to choose an End-User')
  .option('--port <port>', 'where to listen, 0 for any free port', '8880')
  .option('--host <host>', 'another address needs ASTEROID_DEV_EXPOSE=1', 'localhost')
  .option('--admin-port <port>', 'where probes and tests are answered, 0 as well', '8881')
  .option('--container-host <name>', 'let containers in by it, as host.docker.internal')
  .option('--control-file <file>', 'where to write how tests can drive it, for their user alone')
  .option('--clients <file>', 'clients.yaml of the current folder where there is one')
  .option('--users <file>', 'users.yaml of the current folder where there is one')
  .option('--emit <preset>', 'stand in front of an app instead, as the proxy of a preset would')
  .option('--to <url>', 'with --emit: where the app listens, as in http://localhost:3000')
  .option('--as <sub>', 'with --emit: everybody is this End-User, and nobody has to choose')
  .option('--open', 'with --emit: requests of nobody reach the app as well', false)
  .option('--issuer <issuer>', 'with --emit: who signs the assertion')
  .option('--audience <audience>', 'with --emit: whom it is for', repeatable)
  .option('--signer <arn>', 'with --emit aws-alb: the ARN of the load balancer')
  .action(async (options: DevOptions & EmitOptions) => {
    if (options.emit !== undefined) {
      const { emit } = await import('./emit.ts');
      process.exitCode = await emit(options.emit, options);
      return;
    }
    const lone = ONLY_WITH_EMIT.find((name) => options[name] !== undefined);
    if (lone !== undefined) {
      console.error(`--${lone} says something only with --emit: name the preset, or leave it out`);
      process.exitCode = 2;
      return;
    }
    const { dev } = await import('./dev.ts');
    process.exitCode = await dev(options);
  });

program
  .command('check')
  .description('print every problem of the configuration and serve nothing')
  .requiredOption('--config <file>', 'a base, then what an environment changes', repeatable)
  .action(async ({ config }: { config: readonly string[] }) => {
    const { check } = await import('./check.ts');
    process.exitCode = await check(config);
  });

const keys = program
  .command('keys')
  .description('look after the keys of a directory (--dir), or of a configuration (--config)');

const DIR = ['--dir <dir>', 'a directory of key files'] as const;
const KEYS_CONFIG = ['--config <file>', 'says where the keys are', repeatable] as const;

keys
  .command('list')
  .description('every key, when it signs and until when it is published')
  .option(...DIR)
  .option(...KEYS_CONFIG)
  .action(async (options: KeysOptions) => {
    const { keysList } = await import('./keys.ts');
    process.exitCode = await keysList(options);
  });

keys
  .command('generate')
  .description('add a key')
  .option(...DIR)
  .option(...KEYS_CONFIG)
  .option('--alg <alg>', 'ES256, RS256, PS256, EdDSA, ES384, ES512 or seal', 'ES256')
  .option('--activate <time>', 'when it starts to sign, as in 2026-12-01T00:00:00Z')
  .action(async (options: KeysOptions & { alg: string; activate?: string }) => {
    const { keysGenerate } = await import('./keys.ts');
    process.exitCode = await keysGenerate(options);
  });

keys
  .command('rotate')
  .description('add a successor to every key that signs, published ahead of its first signature')
  .option(...DIR)
  .option(...KEYS_CONFIG)
  .option(
    '--publish-ahead <duration>',
    'at least as long as the JWKS may be cached (default: that of the configuration, or 10m)',
  )
  .action(async (options: KeysOptions & { publishAhead?: string }) => {
    const { keysRotate } = await import('./keys.ts');
    process.exitCode = await keysRotate(options);
  });

keys
  .command('remove <kid>')
  .description('take a key that leaked out of the store, for ever; a file is deleted by hand')
  // One kid of 64 begins with a hyphen.
  .helpOption('--help')
  .allowUnknownOption()
  .option(...KEYS_CONFIG)
  .action(async (kid: string, options: KeysOptions) => {
    const { keysRemove } = await import('./keys.ts');
    process.exitCode = await keysRemove(kid, options);
  });

const preset = program.command('preset').description('what is known about proxies');

preset
  .command('list')
  .description('every preset, where it says who somebody is, and the proof it insists on')
  .action(async () => {
    const { presetList } = await import('./preset.ts');
    process.exitCode = presetList();
  });

preset
  .command('show <name>')
  .description('what upstream comes to with a preset, and the lines of the proxy that belong to it')
  .option('--config <file>', 'a base, then what an environment changes', repeatable)
  .option('--proxy <name>', 'another proxy than the usual one of the preset')
  .option('--auth-service <url>', 'who the proxy asks, as in http://127.0.0.1:4180')
  .option('--part <part>', 'upstream or proxy alone')
  .action(async (name: string, options: ShowOptions) => {
    const { presetShow } = await import('./preset.ts');
    process.exitCode = await presetShow(name, options);
  });

program
  .command('hash')
  .description('hash a client secret, read from standard input, for client_secret_hash')
  .option('--random', 'a machine made it, of 32 random bytes or more: a fast hash will do', false)
  .option('--generate', 'make a token for admin.tokens, and print it once, with its hash', false)
  .action(async ({ random, generate }: { random: boolean; generate: boolean }) => {
    const { hash, hashGenerated } = await import('./hash.ts');
    process.exitCode = generate ? await hashGenerated() : await hash(random ? 'sha256' : 'scrypt');
  });

program
  .command('health')
  .description('exit 0 if a running issuer is ready')
  .option('--url <url>', 'its admin or health listener', 'http://127.0.0.1:8881/readyz')
  .action(async ({ url }: { url: string }) => {
    const { health } = await import('./health.ts');
    process.exitCode = await health(url);
  });

program
  .command('doctor')
  .description('attack a deployment through its own proxy and say which line of it is missing')
  .requiredOption('--through <url>', 'what browsers call the issuer')
  .option('--admin <url>', 'its admin listener', 'http://127.0.0.1:8881')
  .option('--token-file <file>', 'a token of admin.tokens whose role is write, where there are any')
  .option('--cookie-file <file>', 'the Cookie header of somebody who is signed in at the proxy')
  .option('--ca <file>', 'certificates to trust beside those of the system')
  .option('--proxy <name>', 'whose lines to print', 'nginx')
  .option('--json', 'for programs', false)
  .option('--accept-refused', 'fail only for what the issuer would believe', false)
  .action(async (options: DoctorCommand) => {
    const { doctor } = await import('./doctor.ts');
    process.exitCode = await doctor(options);
  });

/** Resolves when the subcommand is done, which says by `process.exitCode` how it went. */
export async function readWords(): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has printed what is wrong with the words; `--help` is nothing wrong.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  }
}
