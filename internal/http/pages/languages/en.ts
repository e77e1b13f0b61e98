// Everything that pages say, in English. What is here is what the other languages have to have as well:
// a text that they lack, or have too many, does not compile.

import { type Html, html } from '../html.ts';
import { chooser } from './chooser/en.ts';
import { producer } from './producer/en.ts';

export const en = {
  lang: 'en',
  dir: 'ltr' as 'ltr' | 'rtl',
  words: {
    allow: 'Allow',
    deny: 'Deny',
    cancel: 'Cancel',
    continue: 'Continue',
    more: 'Further links',
    newTab: '(opens in a new tab)',
  },
  /** What somebody is asked to agree to. */
  asked: {
    youAre: (subject: Html) => html`You are signed in as ${subject}.`,
    resources: (resources: Html) => html`This is for use at ${resources}.`,
    scopes: (client: Html) => html`${client} asks for access to the following:`,
    standard: {
      openid: 'Who you are: your account here',
      profile: 'Your name and your profile',
      email: 'Your email address',
      address: 'Your postal address',
      phone: 'Your phone number',
      groups: 'The groups you belong to',
      offline_access: 'All of this also while you are away, until this access is withdrawn',
    } as Readonly<Record<StandardScope, string>>,
  },
  links: {
    about: (client: string) => `About ${client}`,
    clientUri: 'Home page',
    policyUri: 'Privacy policy',
    tosUri: 'Terms of service',
  },
  consent: {
    title: (client: string) => `Allow ${client}?`,
    heading: (client: Html) => html`Allow ${client} to sign you in?`,
    host: (host: Html) => html`Your answer, and what you allow, goes to ${host}.`,
  },
  account: {
    title: (client: string) => `Account for ${client}`,
    heading: (client: Html) => html`Which account for ${client}?`,
    wanted: (client: Html, wanted: Html) => html`${client} asks for ${wanted}.`,
    choice: (client: Html) => html`${client} asks you to choose an account.`,
    another: (client: Html) => html`${client} asks for somebody else.`,
    continueAs: (subject: Html) => html`Continue as ${subject}`,
    switch: 'Use another account',
  },
  chooser,
  producer,
  device: {
    title: 'Connect a device',
    heading: 'Connect a device',
    label: 'Enter the code that your device shows',
    hint: 'Capital or small letters, with or without the hyphen.',
    problems: {
      unknown:
        'No device waits with this code. Look at the code again, or let the device show a new one.',
      too_many: 'Too many codes were tried. Wait ten minutes, then let the device show a new one.',
    },
    askTitle: (client: string) => `Connect ${client}?`,
    askHeading: (client: Html) => html`Connect ${client}?`,
    compare: (subject: Html) =>
      html`A device asks to be signed in as ${subject}. Compare: does it show this code?`,
    warning:
      'Allow it only if you have the device in front of you and started this yourself. If somebody sent you this link or this code, deny: they would be signed in as you.',
    allow: 'The code is the same: allow',
    connected: {
      title: 'Device connected',
      heading: 'The device is connected',
      text: 'You can go back to your device, and close this page.',
    },
    refused: {
      title: 'Device refused',
      heading: 'The device was refused',
      text: 'It was not signed in. You can close this page.',
    },
  },
  review: {
    title: 'Your applications',
    heading: 'Your applications',
    text: 'These applications may use your account here. You can put an end to it at any time.',
    none: 'No application may use your account at the moment.',
    unknown: 'This application is not registered here any more.',
    scopes: 'It has access to the following:',
    host: (hosts: Html) => html`You signed in to it at ${hosts}.`,
    since: 'Allowed since',
    usedAt: 'Last used',
    never: 'not yet',
    agreed: 'You agreed to this, and are not asked again.',
    signIns: (count: number) => `Where you are signed in: ${count}`,
    places: { this_browser: 'This browser', browser: 'A browser', device: 'A device' },
    offline: 'also while you are away',
    others: (count: number) => `… and ${count} more`,
    endSignIn: 'Sign out there',
    endApplication: (client: Html) => html`Sign out of ${client}`,
    forget: (client: Html) => html`Have ${client} ask me again`,
    all: 'Sign out of all applications',
    partial:
      'There is more than fits on this page. “Sign out of all applications” ends what is not shown, too.',
    after: 'Opening an application again can sign you in to it again.',
    notice: {
      application: (client: Html) =>
        html`You are signed out of ${client}, and what you agreed to there is forgotten.`,
      sign_in: (client: Html) => html`You are signed out of ${client} there.`,
      everything: 'You are signed out of all applications, and what you agreed to is forgotten.',
    },
    everything: {
      title: 'Sign out of all applications?',
      heading: 'Sign out of all applications?',
      text: 'None of these may use your account any more, and what you agreed to is forgotten:',
      end: 'Sign out of all of them',
      keep: 'Change nothing',
    },
  },
  signOut: {
    title: 'Sign out?',
    heading: 'Do you want to sign out?',
    asks: (client: Html) =>
      html`${client} asks to sign you out, here and at every application that you came to from here.`,
    someone:
      'An application asks to sign you out, here and at every application that you came to from here.',
    signOut: 'Sign out',
    stay: 'Stay signed in',
    out: {
      title: 'Signed out',
      heading: 'You are signed out',
      text: 'You can close this page.',
      shared: 'If others use this computer, close the browser as well.',
    },
    stayed: {
      title: 'Still signed in',
      heading: 'You are still signed in',
      text: 'Nothing was changed. You can close this page.',
    },
    telling: {
      title: 'Signing out',
      heading: 'Signing you out',
      text: 'Your applications are being told.',
    },
  },
  back: {
    title: 'Back to the application',
    text: 'Your browser does not run scripts: press the button to go on.',
  },
  error: {
    title: 'This did not work',
    /** Before the reference; whoever can do something about it. */
    tell: {
      you: 'If this keeps happening, tell whoever runs this sign-in service, with this reference:',
      application:
        'Tell whoever runs the application. They find more under this reference at this sign-in service:',
      operator: 'Tell whoever runs this sign-in service, with this reference:',
    },
    details: 'Technical details',
    kinds: {
      over: {
        heading: 'This page is no longer valid',
        happened: 'It has expired, or was answered already.',
        todo: 'Go back to the application and start again.',
      },
      somebody_else: {
        heading: 'Somebody else is signed in',
        happened: 'This page was meant for somebody other than who is signed in at this moment.',
        todo: 'Go back to the application and start again. Sign in with the other account if that is the one you want.',
      },
      nobody: {
        heading: 'You are not signed in',
        happened: 'The service that signs you in did not say who you are.',
        todo: 'Sign in there, then go back to the application and try again.',
      },
      sign_in_again: {
        heading: 'You have to sign in again',
        happened: 'You signed in too long ago, or not in the way that is asked for here.',
        todo: 'Sign out, sign in again, and then try once more.',
      },
      not_allowed: {
        heading: 'You have no access',
        happened: 'Your account may not use this application.',
        todo: 'If you need it, ask whoever decides about access. Signing in again with the same account does not help.',
      },
      unknown_application: {
        heading: 'Unknown application',
        happened: 'The application that sent you here is not known here, so it was told nothing.',
        todo: 'You cannot put this right yourself: the application has to be registered here first.',
      },
      wrong_address: {
        heading: 'Unknown return address',
        happened:
          'The application wants you sent to an address that is not registered for it. To protect you, you were not sent there.',
        todo: 'You cannot put this right yourself. If you followed a link from a message, close this page.',
      },
      bad_request: {
        heading: 'The application made a mistake',
        happened: 'What it sent with you cannot be understood, or is not allowed to it.',
        todo: 'Go back to the application and try again. If it fails again, you cannot put it right yourself.',
      },
      other_site: {
        heading: 'That came from another website',
        happened: 'A form was sent from a page that is not ours. Nothing was changed.',
        todo: 'If you did not expect this, close this page. Otherwise go back to the application and start again.',
      },
      embedded: {
        heading: 'This has to be a page of its own',
        happened: 'Something tried to open it inside of another page.',
        todo: 'Go back to the application and start again.',
      },
      no_entrance: {
        heading: 'There is nothing at this address',
        happened: 'It is wrong, or it is only a step on the way and cannot be opened by itself.',
        todo: 'Go back to the application and start from there.',
      },
      setup: {
        heading: 'This is not set up correctly',
        happened:
          'What stands in front of this service passes on something that cannot be relied on, so that it is not certain who you are.',
        todo: 'You cannot put this right yourself.',
      },
      busy: {
        heading: 'Not possible at the moment',
        happened: 'Something that is needed for this does not answer, or there is too much to do.',
        todo: 'Wait a moment, then try again.',
      },
      fault: {
        heading: 'Something went wrong here',
        happened: 'The mistake is ours, and it has been written down.',
        todo: 'Go back to the application and try again.',
      },
    },
  },
};

type StandardScope =
  | 'openid'
  | 'profile'
  | 'email'
  | 'address'
  | 'phone'
  | 'groups'
  | 'offline_access';

export type Texts = typeof en;
