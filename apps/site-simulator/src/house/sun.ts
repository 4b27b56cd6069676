const RAD = Math.PI / 180;
const DAY = 86_400_000;
const J2000 = Date.UTC(2000, 0, 1, 12);

export interface Place {
  /** Degrees north. */
  readonly latitude: number;
  /** Degrees east. */
  readonly longitude: number;
}

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
  const longitude = RAD * (280.46 + 0.9856474 * days + 1.915 * Math.sin(anomaly) + 0.02 * Math.sin(2 * anomaly));
  const obliquity = RAD * 23.439;
  const ascension = Math.atan2(Math.cos(obliquity) * Math.sin(longitude), Math.cos(longitude));
  const sinDeclination = Math.sin(obliquity) * Math.sin(longitude);
  const cosDeclination = Math.sqrt(1 - sinDeclination * sinDeclination);
  const sidereal = RAD * (280.46061837 + 360.98564736629 * days + place.longitude);
  const hourAngle = sidereal - ascension;
  const sinLatitude = Math.sin(RAD * place.latitude);
  const cosLatitude = Math.cos(RAD * place.latitude);
  const up = sinLatitude * sinDeclination + cosLatitude * cosDeclination * Math.cos(hourAngle);
  const east = -cosDeclination * Math.sin(hourAngle);
  const north = cosLatitude * sinDeclination - sinLatitude * cosDeclination * Math.cos(hourAngle);
  const sinTilt = Math.sin(RAD * plane.tilt);
  return {
    height: up,
    incidence:
      up * Math.cos(RAD * plane.tilt) +
      sinTilt * (north * Math.cos(RAD * plane.azimuth) + east * Math.sin(RAD * plane.azimuth)),
  };
}

/** Clear-sky irradiance on the plane, W/m²: direct beam by air mass (Meinel) and a tenth of it diffuse. */
export function clearSky(sun: SunPosition): { direct: number; diffuse: number } {
  if (sun.height <= 0) return { direct: 0, diffuse: 0 };
  const airMass = 1 / Math.max(sun.height, 0.02);
  const beam = 1353 * 0.7 ** (airMass ** 0.678);
  return { direct: beam * Math.max(0, sun.incidence), diffuse: 0.1 * beam + 40 * sun.height };
}
