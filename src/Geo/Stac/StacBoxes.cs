using System.Text.Json;
using Waypost.Geo.Geometry;

namespace Waypost.Geo.Stac;

/// <summary>
/// The box around a GeoJSON geometry as RFC 7946 section 5 has it: with heights when it has any, and with west greater
/// than east when it crosses the antimeridian.
/// </summary>
public static class StacBoxes
{
    /// <summary>The box around a geometry; null for one without positions, or with some that are not on
    /// Earth.</summary>
    /// <remarks>
    /// A geometry crosses the antimeridian when it is written with longitudes beyond ±180, or in parts of which one
    /// ends at 180 and another begins at -180 (RFC 7946 section 3.1.9).
    /// </remarks>
    public static GeoBox? Around(JsonElement geometry)
    {
        var extent = new Extent();
        return extent.Add(geometry) && extent.IsOnEarth ? extent.Box() : null;
    }

    /// <summary>Collects the spans of the parts of a geometry.</summary>
    sealed class Extent
    {
        readonly List<(double West, double East)> parts = [];
        double south = double.PositiveInfinity, north = double.NegativeInfinity;
        double bottom = double.PositiveInfinity, top = double.NegativeInfinity;

        public bool IsOnEarth => parts.Count > 0 && south >= -90 && north <= 90
            && parts.TrueForAll(part => part is { West: >= -540, East: <= 540 });

        public bool Add(JsonElement geometry)
        {
            if (geometry.ValueKind != JsonValueKind.Object)
                return false;
            if (geometry.TryGetProperty("coordinates", out var coordinates))
                return coordinates.ValueKind == JsonValueKind.Array && Array(coordinates);
            return geometry.TryGetProperty("geometries", out var members) && members.ValueKind == JsonValueKind.Array
                && members.EnumerateArray().All(Add);
        }

        /// <summary>An array of positions is one part; an array above such arrays is many.</summary>
        bool Array(JsonElement array)
        {
            var part = (West: double.PositiveInfinity, East: double.NegativeInfinity);
            foreach (var member in array.EnumerateArray())
            {
                if (member.ValueKind == JsonValueKind.Number)
                {
                    // A point's own coordinates.
                    if (!Position(array, ref part))
                        return false;
                    break;
                }
                if (member.ValueKind != JsonValueKind.Array)
                    return false;
                var flat = member.GetArrayLength() > 0 && member[0].ValueKind == JsonValueKind.Number;
                if (!(flat ? Position(member, ref part) : Array(member)))
                    return false;
            }
            if (part.West <= part.East)
                parts.Add(part);
            return true;
        }

        bool Position(JsonElement position, ref (double West, double East) part)
        {
            var place = 0;
            foreach (var number in position.EnumerateArray())
            {
                if (number.ValueKind != JsonValueKind.Number || !number.TryGetDouble(out var value)
                    || !double.IsFinite(value))
                    return false;
                switch (place++)
                {
                    case 0:
                        part = (Math.Min(part.West, value), Math.Max(part.East, value));
                        break;
                    case 1:
                        (south, north) = (Math.Min(south, value), Math.Max(north, value));
                        break;
                    case 2:
                        (bottom, top) = (Math.Min(bottom, value), Math.Max(top, value));
                        break;
                }
            }
            return place >= 2;
        }

        public GeoBox Box()
        {
            var (west, east) = Crosses() ? AroundTheGlobe()
                : (parts.Min(part => part.West), parts.Max(part => part.East));
            return new GeoBox(west, south, east, north, bottom <= top ? bottom : null, bottom <= top ? top : null);
        }

        bool Crosses() => parts.Exists(part => part.West < -180 || part.East > 180)
            || (parts.Exists(part => part.East == 180 && part.West > -180)
                && parts.Exists(part => part.West == -180 && part.East < 180));

        /// <summary>All but the widest gap between the parts.</summary>
        (double West, double East) AroundTheGlobe()
        {
            var turned = parts.Select(part => (West: Turned(part.West), Width: part.East - part.West))
                .OrderBy(part => part.West).ToList();
            if (turned.Exists(part => part.Width >= 360))
                return (-180, 180);
            var (west, widest) = (double.NaN, 0.0);
            var reached = double.NegativeInfinity;
            foreach (var part in turned)
                reached = Math.Max(reached, part.West + part.Width - 360);
            var east = double.NaN;
            foreach (var part in turned)
            {
                if (part.West - reached > widest)
                    (west, east, widest) = (part.West, reached, part.West - reached);
                reached = Math.Max(reached, part.West + part.Width);
            }
            return double.IsNaN(west) ? (-180, 180) : (west, Wrapped(east));
        }

        static double Turned(double longitude) =>
            longitude < -180 ? longitude + 360 : longitude >= 180 ? longitude - 360 : longitude;

        static double Wrapped(double longitude) =>
            longitude < -180 ? longitude + 360 : longitude > 180 ? longitude - 360 : longitude;
    }
}
