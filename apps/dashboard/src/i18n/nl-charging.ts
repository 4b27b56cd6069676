import type { charging as english } from './en-charging.js';

/** Words of the view of charge points. */
export const charging: Readonly<Record<keyof typeof english, string>> = {
  'charging.title': 'Laadpunten',
  'charging.none': 'Hier is geen laadpunt bekend.',
  'charging.link': 'Laadpunt {station}',
  'charging.backEnd': 'Backend',
  'charging.connected': 'sinds {time}',
  'charging.away': 'sinds {time}',
  'charging.never': 'niet sinds de start',
  'charging.session': 'Sessie',
  'charging.session.none': 'geen',
  'charging.tag': 'pas {tag}',
  'charging.point.power/active': 'Vermogen',
  'charging.point.current/offered': 'Aangeboden aan de auto',
  'charging.point.energy/session': 'In deze sessie',
  'charging.point.soc': 'Accu van de auto',
  'charging.point.energy/active/import': 'Teller',
  'charging.limit': 'Wie begrenst',
  'charging.limit.nobody': 'Geen opdracht houdt het nu vast.',
  'charging.limit.idle': 'Deze box stelt geen grens.',
  'charging.limit.trying': 'Een grens van {asked} is onderweg naar het laadpunt.',
  'charging.limit.holding': 'Het laadpunt heeft de grens van {value} aangenomen.',
  'charging.limit.overruled': 'Een profiel van de backend geldt in plaats van de grens van {value}.',
  'charging.limit.waiting': 'De grens van {asked} kan alleen gelden terwijl een auto laadt.',
  'charging.limit.refused': 'Het laadpunt neemt de grens van {asked} niet aan.',
  'charging.injections': 'Door deze box gevraagd aan {station}',
};
