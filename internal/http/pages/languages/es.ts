// Español. Se trata de usted.

import { type Html, html } from '../html.ts';
import { chooser } from './chooser/es.ts';
import type { Texts } from './en.ts';
import { producer } from './producer/es.ts';

export const es: Texts = {
  lang: 'es',
  dir: 'ltr',
  words: {
    allow: 'Permitir',
    deny: 'Denegar',
    cancel: 'Cancelar',
    continue: 'Continuar',
    more: 'Más enlaces',
    newTab: '(se abre en una pestaña nueva)',
  },
  asked: {
    youAre: (subject: Html) => html`Ha iniciado sesión como ${subject}.`,
    resources: (resources: Html) => html`Esto vale para ${resources}.`,
    scopes: (client: Html) => html`${client} solicita acceso a lo siguiente:`,
    standard: {
      openid: 'Quién es usted: su cuenta en este servicio',
      profile: 'Su nombre y su perfil',
      email: 'Su dirección de correo electrónico',
      address: 'Su dirección postal',
      phone: 'Su número de teléfono',
      groups: 'Los grupos a los que pertenece',
      offline_access:
        'Todo esto también cuando usted no esté presente, hasta que se retire este acceso',
    },
  },
  links: {
    about: (client: string) => `Acerca de ${client}`,
    clientUri: 'Página principal',
    policyUri: 'Política de privacidad',
    tosUri: 'Condiciones del servicio',
  },
  consent: {
    title: (client: string) => `¿Permitir ${client}?`,
    heading: (client: Html) => html`¿Desea iniciar sesión en ${client}?`,
    host: (host: Html) => html`Su respuesta, y todo lo que permita, se enviará a ${host}.`,
  },
  account: {
    title: (client: string) => `Cuenta para ${client}`,
    heading: (client: Html) => html`¿Qué cuenta desea usar en ${client}?`,
    wanted: (client: Html, wanted: Html) => html`${client} solicita la cuenta ${wanted}.`,
    choice: (client: Html) => html`${client} le pide que elija una cuenta.`,
    another: (client: Html) => html`${client} solicita a otra persona.`,
    continueAs: (subject: Html) => html`Continuar como ${subject}`,
    switch: 'Usar otra cuenta',
  },
  chooser,
  producer,
  device: {
    title: 'Conectar un dispositivo',
    heading: 'Conectar un dispositivo',
    label: 'Introduzca el código que muestra su dispositivo',
    hint: 'En mayúsculas o minúsculas, con o sin guion.',
    problems: {
      unknown:
        'Ningún dispositivo espera con este código. Compruébelo, o haga que el dispositivo muestre uno nuevo.',
      too_many:
        'Se han probado demasiados códigos. Espere diez minutos y haga que el dispositivo muestre uno nuevo.',
    },
    askTitle: (client: string) => `¿Conectar ${client}?`,
    askHeading: (client: Html) => html`¿Conectar ${client}?`,
    compare: (subject: Html) =>
      html`Un dispositivo pide iniciar sesión como ${subject}. Compare: ¿muestra este código?`,
    warning:
      'Permítalo solo si tiene el dispositivo delante y ha iniciado usted mismo este proceso. Si alguien le ha enviado este enlace o este código, deniéguelo: esa persona entraría con su cuenta.',
    allow: 'El código coincide: permitir',
    connected: {
      title: 'Dispositivo conectado',
      heading: 'El dispositivo está conectado',
      text: 'Puede volver a su dispositivo y cerrar esta página.',
    },
    refused: {
      title: 'Dispositivo rechazado',
      heading: 'El dispositivo ha sido rechazado',
      text: 'No ha iniciado sesión. Puede cerrar esta página.',
    },
  },
  review: {
    title: 'Sus aplicaciones',
    heading: 'Sus aplicaciones',
    text: 'Estas aplicaciones pueden usar su cuenta. Puede impedirlo en cualquier momento.',
    none: 'En este momento ninguna aplicación puede usar su cuenta.',
    unknown: 'Esta aplicación ya no está registrada aquí.',
    scopes: 'Tiene acceso a lo siguiente:',
    host: (hosts: Html) => html`La sesión se inició en ${hosts}.`,
    since: 'Permitida desde',
    usedAt: 'Último uso',
    never: 'todavía no',
    agreed: 'Usted dio su consentimiento y no se le vuelve a preguntar.',
    signIns: (count: number) => `Dónde ha iniciado sesión: ${count}`,
    places: { this_browser: 'Este navegador', browser: 'Un navegador', device: 'Un dispositivo' },
    offline: 'también en su ausencia',
    others: (count: number) => `… y ${count} más`,
    endSignIn: 'Cerrar la sesión allí',
    endApplication: (client: Html) => html`Cerrar la sesión en ${client}`,
    forget: (client: Html) => html`Que ${client} vuelva a preguntarme`,
    all: 'Cerrar la sesión en todas las aplicaciones',
    partial:
      'Hay más de lo que cabe en esta página. «Cerrar la sesión en todas las aplicaciones» también pone fin a lo que no se muestra.',
    after: 'Al volver a abrir una aplicación, se puede iniciar sesión en ella de nuevo.',
    notice: {
      application: (client: Html) =>
        html`Se ha cerrado la sesión en ${client}, y se ha olvidado el consentimiento que dio allí.`,
      sign_in: (client: Html) => html`Allí se ha cerrado la sesión en ${client}.`,
      everything:
        'Se ha cerrado la sesión en todas las aplicaciones, y se han olvidado los consentimientos que dio.',
    },
    everything: {
      title: '¿Cerrar la sesión en todas las aplicaciones?',
      heading: '¿Cerrar la sesión en todas las aplicaciones?',
      text: 'Ninguna de ellas podrá usar ya su cuenta, y se olvidarán los consentimientos que dio:',
      end: 'Cerrar la sesión en todas',
      keep: 'No cambiar nada',
    },
  },
  signOut: {
    title: '¿Cerrar la sesión?',
    heading: '¿Desea cerrar la sesión?',
    asks: (client: Html) =>
      html`${client} pide cerrar su sesión, aquí y en todas las aplicaciones a las que ha accedido desde aquí.`,
    someone:
      'Una aplicación pide cerrar su sesión, aquí y en todas las aplicaciones a las que ha accedido desde aquí.',
    signOut: 'Cerrar la sesión',
    stay: 'Mantener la sesión abierta',
    out: {
      title: 'Sesión cerrada',
      heading: 'Su sesión se ha cerrado',
      text: 'Puede cerrar esta página.',
      shared: 'Si otras personas usan este ordenador, cierre también el navegador.',
    },
    stayed: {
      title: 'La sesión sigue abierta',
      heading: 'Su sesión sigue abierta',
      text: 'No se ha cambiado nada. Puede cerrar esta página.',
    },
    telling: {
      title: 'Cerrando la sesión',
      heading: 'Cerrando su sesión',
      text: 'Se está avisando a sus aplicaciones.',
    },
  },
  back: {
    title: 'Volver a la aplicación',
    text: 'Su navegador no ejecuta scripts: pulse el botón para continuar.',
  },
  error: {
    title: 'No ha funcionado',
    tell: {
      you: 'Si vuelve a ocurrir, póngase en contacto con el responsable de este servicio de inicio de sesión e indique esta referencia:',
      application:
        'Póngase en contacto con el responsable de la aplicación. Con esta referencia encontrará más información en este servicio de inicio de sesión:',
      operator:
        'Póngase en contacto con el responsable de este servicio de inicio de sesión e indique esta referencia:',
    },
    details: 'Detalles técnicos',
    kinds: {
      over: {
        heading: 'Esta página ya no es válida',
        happened: 'Ha caducado o ya se ha respondido.',
        todo: 'Vuelva a la aplicación y empiece de nuevo.',
      },
      somebody_else: {
        heading: 'Otra persona ha iniciado sesión',
        happened:
          'Esta página era para otra persona, no para quien tiene la sesión abierta en este momento.',
        todo: 'Vuelva a la aplicación y empiece de nuevo. Si desea usar la otra cuenta, inicie sesión con ella.',
      },
      nobody: {
        heading: 'No ha iniciado sesión',
        happened: 'El servicio con el que usted inicia sesión no ha comunicado quién es.',
        todo: 'Inicie sesión en él, vuelva después a la aplicación e inténtelo otra vez.',
      },
      sign_in_again: {
        heading: 'Debe iniciar sesión de nuevo',
        happened: 'Inició sesión hace demasiado tiempo, o no de la manera que se exige aquí.',
        todo: 'Cierre la sesión, vuelva a iniciarla e inténtelo otra vez.',
      },
      not_allowed: {
        heading: 'No tiene acceso',
        happened: 'Su cuenta no puede usar esta aplicación.',
        todo: 'Si la necesita, diríjase a quien concede los accesos. Volver a iniciar sesión con la misma cuenta no servirá.',
      },
      unknown_application: {
        heading: 'Aplicación desconocida',
        happened:
          'La aplicación que le ha enviado aquí no se conoce, por lo que no se le ha comunicado nada.',
        todo: 'Usted no puede solucionarlo: primero hay que registrar aquí la aplicación.',
      },
      wrong_address: {
        heading: 'Dirección de retorno desconocida',
        happened:
          'La aplicación quiere que se le envíe a una dirección que no tiene registrada. Para protegerle, no se ha hecho.',
        todo: 'Usted no puede solucionarlo. Si ha seguido un enlace de un mensaje, cierre esta página.',
      },
      bad_request: {
        heading: 'La aplicación ha cometido un error',
        happened: 'Lo que ha enviado con usted no se entiende, o no le está permitido.',
        todo: 'Vuelva a la aplicación e inténtelo otra vez. Si vuelve a fallar, usted no puede solucionarlo.',
      },
      other_site: {
        heading: 'Eso venía de otro sitio web',
        happened:
          'Se envió un formulario desde una página que no es nuestra. No se ha cambiado nada.',
        todo: 'Si no lo esperaba, cierre esta página. De lo contrario, vuelva a la aplicación y empiece de nuevo.',
      },
      embedded: {
        heading: 'Esta página debe abrirse por separado',
        happened: 'Se ha intentado abrirla dentro de otra página.',
        todo: 'Vuelva a la aplicación y empiece de nuevo.',
      },
      no_entrance: {
        heading: 'No hay nada en esta dirección',
        happened: 'Es incorrecta, o es solo un paso intermedio que no se puede abrir por sí mismo.',
        todo: 'Vuelva a la aplicación y empiece desde allí.',
      },
      setup: {
        heading: 'Algo no está bien configurado',
        happened:
          'Lo que está delante de este servicio transmite datos en los que no se puede confiar, por lo que no es seguro quién es usted.',
        todo: 'Usted no puede solucionarlo.',
      },
      busy: {
        heading: 'Ahora mismo no es posible',
        happened: 'Algo que se necesita para esto no responde, o hay demasiada carga.',
        todo: 'Espere un momento e inténtelo otra vez.',
      },
      fault: {
        heading: 'Algo ha fallado aquí',
        happened: 'El error es nuestro y ha quedado registrado.',
        todo: 'Vuelva a la aplicación e inténtelo otra vez.',
      },
    },
  },
};
