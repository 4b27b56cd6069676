const { PI, atan2, cos, max, sin, sqrt } = Math;

const RAD = PI / 180;
const DAY = 86_400_000;
const J2000 = Date.UTC(2000, 0, 1, 12);

export interface Place {
  /** Degrees north. */
  readonly latitude: number;
  /** Degrees east. */
  readonly longitude: number;
}

/** Where a house stands of which nothing is said. */
export const GHENT: Place = { latitude: 51.05, longitude: 3.72 };

/** A flat collector. */
export interface Plane {
  /** Degrees from horizontal. */
  readonly tilt: number;
  /** Degrees clockwise from north; 180 = south. */
  readonly azimuth: number;
}

export interface SunPosition {
  /** Sine of the elevation above the horizon. */
  readonly height: number;
  /** Cosine of the angle between sun and the plane's normal; negative = behind it. */
  readonly incidence: number;
}

/** Low-precision solar coordinates of the Astronomical Almanac: right within 0.01° for 1950–2050. */
export function sunPosition(t: number, place: Place, plane: Plane): SunPosition {
  const days = (t - J2000) / DAY;
  const anomaly = RAD * (357.528 + 0.9856003 * days);
  const longitude = RAD * (280.46 + 0.9856474 * days + 1.915 * sin(anomaly) + 0.02 * sin(2 * anomaly));
  const obliquity = RAD * 23.439;
  const ascension = atan2(cos(obliquity) * sin(longitude), cos(longitude));
  const sinDeclination = sin(obliquity) * sin(longitude);
  const cosDeclination = sqrt(1 - sinDeclination * sinDeclination);
  const sidereal = RAD * (280.46061837 + 360.98564736629 * days + place.longitude);
  const hourAngle = sidereal - ascension;
  const sinLatitude = sin(RAD * place.latitude);
  const cosLatitude = cos(RAD * place.latitude);
  const up = sinLatitude * sinDeclination + cosLatitude * cosDeclination * cos(hourAngle);
  const east = -cosDeclination * sin(hourAngle);
  const north = cosLatitude * sinDeclination - sinLatitude * cosDeclination * cos(hourAngle);
  const sinTilt = sin(RAD * plane.tilt);
  return {
    height: up,
    incidence:
      up * cos(RAD * plane.tilt) + sinTilt * (north * cos(RAD * plane.azimuth) + east * sin(RAD * plane.azimuth)),
  };
}

/** Clear-sky irradiance on the plane, W/m²: direct beam by air mass (Meinel) and a tenth of it diffuse. */
export function clearSky(sun: SunPosition): { direct: number; diffuse: number } {
  if (sun.height <= 0) return { direct: 0, diffuse: 0 };
  const airMass = 1 / max(sun.height, 0.02);
  const beam = 1353 * 0.7 ** (airMass ** 0.678);
  return { direct: beam * max(0, sun.incidence), diffuse: 0.1 * beam + 40 * sun.height };
}
