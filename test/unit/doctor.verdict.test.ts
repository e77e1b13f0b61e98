import { describe, expect, it } from 'vitest';
import type { Attack } from '../../internal/doctor/attack.ts';
import { decideVerdict, type Facts } from '../../internal/doctor/verdict.ts';
import { ATTACK, arrival, sighting } from './doctor.fixture.ts';

const verdict = (facts: Partial<Facts>, attack: Partial<Attack> = {}) =>
  decideVerdict({
    attack: { ...ATTACK, ...attack },
    sightings: [],
    signedIn: true,
    honest: undefined,
    ...facts,
  });

const forged = arrival({ canary: 1 });
const replaced = arrival({ other: 1 });

describe('a verdict of the doctor (O2)', () => {
  it('is kept out when nothing arrives', () => {
    expect(verdict({})).toEqual({
      outcome: 'kept_out',
      believed: false,
      header: undefined,
      hole: undefined,
      refused: undefined,
    });
  });

  it('is kept out when the request arrives without the header, or with an empty one', () => {
    expect(verdict({ sightings: [sighting()] }).outcome).toBe('kept_out');
    expect(verdict({ sightings: [sighting({ arrivals: [arrival({ empty: 1 })] })] }).outcome).toBe(
      'kept_out',
    );
  });

  it('is altered when the header arrives with another value', () => {
    const { outcome, believed, hole } = verdict({
      sightings: [sighting({ identity: 'identified', arrivals: [replaced] })],
    });

    expect([outcome, believed, hole]).toEqual(['altered', false, undefined]);
  });

  it('is reached when the canary arrives, and not believed when the issuer refuses it', () => {
    const facts = sighting({
      identity: 'refused',
      identityRefused: 'upstream_secret',
      arrivals: [replaced, arrival({ header: 'X-Authenticated-Groups', canary: 1 })],
    });

    expect(verdict({ sightings: [facts] })).toEqual({
      outcome: 'reached',
      believed: false,
      header: 'X-Authenticated-Groups',
      hole: 'header',
      refused: 'upstream_secret',
    });
  });

  it('is reached when the canary arrives beside the value of the proxy', () => {
    const both = arrival({ canary: 1, other: 1 });

    expect(verdict({ sightings: [sighting({ arrivals: [both] })] }).outcome).toBe('reached');
  });

  it('is reached when one of several copies of the request carries the canary', () => {
    const sightings = [sighting(), sighting({ arrivals: [forged] })];

    expect(verdict({ sightings }).outcome).toBe('reached');
  });

  it('is believed when the canary became the identity', () => {
    const seen = sighting({ identity: 'identified', believed: true, arrivals: [forged] });

    expect(verdict({ sightings: [seen] }).believed).toBe(true);
  });

  for (const identityRefused of ['header_value', 'header_encoding', 'placeholder']) {
    it(`is believed when only the form of the value was refused: ${identityRefused}`, () => {
      const seen = sighting({ identity: 'refused', identityRefused, arrivals: [forged] });

      expect(verdict({ sightings: [seen] })).toMatchObject({ outcome: 'reached', believed: true });
    });
  }

  it('is not believed under an alias, whatever else was refused', () => {
    const alias = arrival({ how: 'alias', canary: 1 });
    const seen = sighting({
      identity: 'refused',
      identityRefused: 'placeholder',
      arrivals: [alias],
    });

    expect(verdict({ sightings: [seen] })).toMatchObject({
      outcome: 'reached',
      believed: false,
      hole: 'alias',
    });
  });

  it('is of a Connection that names a header, whatever its other lines say', () => {
    const seen = sighting({ arrivals: [arrival({ how: 'connection', other: 1 })] });

    expect(verdict({ sightings: [seen] })).toMatchObject({
      outcome: 'reached',
      hole: 'connection',
      header: 'X-Authenticated-User',
    });
  });

  describe('on a header that a hop was asked to remove (T07)', () => {
    const attack = { hole: 'connection', header: 'X-Authenticated-User' } as const;
    const honest = sighting({ arrivals: [replaced] });

    it('is reached when it is gone and honest requests have it', () => {
      expect(verdict({ sightings: [sighting()], honest }, attack)).toMatchObject({
        outcome: 'reached',
        hole: 'connection',
        header: 'X-Authenticated-User',
        believed: false,
      });
    });

    it('is altered when it is there', () => {
      expect(verdict({ sightings: [honest], honest }, attack).outcome).toBe('altered');
    });

    it('is kept out when honest requests have none either', () => {
      expect(verdict({ sightings: [sighting()], honest: sighting() }, attack).outcome).toBe(
        'kept_out',
      );
      expect(verdict({ sightings: [sighting()] }, attack).outcome).toBe('kept_out');
    });

    it('is kept out when the request did not arrive', () => {
      expect(verdict({ honest }, attack).outcome).toBe('kept_out');
    });
  });

  describe('on a stranger (T08, T18)', () => {
    const attack = { hole: 'stranger' } as const;

    it('is believed when somebody is named', () => {
      const seen = sighting({ identity: 'identified', arrivals: [replaced] });

      expect(verdict({ sightings: [seen], signedIn: false }, attack)).toMatchObject({
        outcome: 'reached',
        believed: true,
        hole: 'stranger',
      });
    });

    it('is reached and refused when a placeholder is named', () => {
      const seen = sighting({
        identity: 'refused',
        identityRefused: 'placeholder',
        arrivals: [replaced],
      });

      expect(verdict({ sightings: [seen], signedIn: false }, attack)).toMatchObject({
        outcome: 'reached',
        believed: false,
        refused: 'placeholder',
      });
    });

    it('is no stranger who is signed in', () => {
      const seen = sighting({ identity: 'identified', arrivals: [replaced] });

      expect(verdict({ sightings: [seen] }, attack).outcome).toBe('altered');
    });

    it('is kept out when nobody is named', () => {
      expect(verdict({ sightings: [sighting()], signedIn: false }, attack).outcome).toBe(
        'kept_out',
      );
    });
  });

  describe('on a Host (T13)', () => {
    for (const refused of ['host_foreign', 'header_repeated', 'target_form', 'host_missing']) {
      it(`is reached when the issuer has to refuse it: ${refused}`, () => {
        const seen = sighting({ refused, identity: 'not_read' });

        expect(verdict({ sightings: [seen] }, { hole: 'host' })).toMatchObject({
          outcome: 'reached',
          hole: 'host',
          refused,
        });
      });
    }

    it('is kept out when what arrives has the Host of the issuer', () => {
      expect(verdict({ sightings: [sighting()] }, { hole: 'host' }).outcome).toBe('kept_out');
    });

    it('is no matter of other attacks', () => {
      const seen = sighting({ refused: 'host_foreign' });

      expect(verdict({ sightings: [seen] }).outcome).toBe('kept_out');
    });
  });

  it('is reached when the inside of a request arrives as one (T12)', () => {
    const attack = { hole: 'smuggling', hidden: true } as const;
    const outer = sighting({ route: 'token', identity: 'not_read' });

    expect(verdict({ sightings: [outer] }, attack).outcome).toBe('kept_out');
    expect(verdict({ sightings: [outer, sighting()] }, attack)).toMatchObject({
      outcome: 'reached',
      hole: 'smuggling',
    });
  });
});
