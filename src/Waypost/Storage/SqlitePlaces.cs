using System.Text.Json;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Prepared;
using SQLitePCL;
using Waypost.Geo.Cql2;
using Waypost.Geo.Geometry;

namespace Waypost.Storage;

/// <summary>The functions of <see cref="SqliteFilters"/> for geometries, which are EWKB.</summary>
static class SqlitePlaces
{
    public static void Register(sqlite3 db)
    {
        // The second geometry stays while rows are gone through.
        var asked = new Remembered();
        SqliteFilters.Function(db, "cql_spatial", 3, (to, values) =>
        {
            asked.See(raw.sqlite3_value_blob(values[2]));
            var holds = Holds(Relations[SqliteFilters.Text(values[0])], Read(values[1]), asked);
            SqliteFilters.Give(to, holds is { } truth ? truth ? 1L : 0L : null);
        });
        SqliteFilters.Function(db, "cql_geometry_type", 1, (to, values) =>
            SqliteFilters.Give(to, Wkb.Read(raw.sqlite3_value_blob(values[0])).GeometryType));
        var distance = Cql2Functions.Standard.Find("distance_km")!;
        SqliteFilters.Function(db, "cql_distance_km", 2, (to, values) =>
            SqliteFilters.Give(to, (double?)distance.Evaluate([Read(values[0]), Read(values[1])])));
    }

    /// <summary>A property that is a GeoJSON geometry, as it is compared; null where it is none.</summary>
    public static byte[]? Property(ReadOnlySpan<byte> properties, ReadOnlySpan<byte> name)
    {
        if (!PropertyReading.TryFind(properties, name, out var value)
            || value.TokenType != JsonTokenType.StartObject)
            return null;
        using var document = JsonDocument.ParseValue(ref value);
        return Cql2Values.Of(document.RootElement, Cql2Type.Geometry) is Geometry shape
            ? Wkb.WriteWithSrid(SpatialRelations.Comparable(shape))
            : null;
    }

    static readonly Dictionary<string, SpatialRelation> Relations = Enum.GetValues<SpatialRelation>()
        .ToDictionary(relation => relation.ToString().ToLowerInvariant(), StringComparer.Ordinal);

    static bool? Holds(SpatialRelation relation, Geometry row, Remembered asked)
    {
        if (IsCollection(row)) row = SpatialRelations.Comparable(row);
        if (asked.Prepared is not { } prepared || row.IsEmpty || IsCollection(row))
            return SpatialRelations.Holds(relation, row, asked.Shape);
        return relation switch
        {
            SpatialRelation.Intersects => prepared.Intersects(row),
            SpatialRelation.Disjoint => prepared.Disjoint(row),
            SpatialRelation.Within => prepared.Contains(row),
            SpatialRelation.Contains => prepared.Within(row),
            _ => SpatialRelations.Holds(relation, row, asked.Shape),
        };
    }

    static bool IsCollection(Geometry geometry) => geometry.OgcGeometryType == OgcGeometryType.GeometryCollection;

    static Geometry Read(sqlite3_value ewkb) => Wkb.Read(raw.sqlite3_value_blob(ewkb));

    /// <summary>The geometry that was asked about last.</summary>
    sealed class Remembered
    {
        byte[] bytes = [];

        public Geometry Shape { get; private set; } = GeoFactory.Wgs84.CreatePoint();

        public IPreparedGeometry? Prepared { get; private set; }

        public void See(ReadOnlySpan<byte> ewkb)
        {
            if (ewkb.SequenceEqual(bytes)) return;
            Shape = SpatialRelations.Comparable(Wkb.Read(ewkb));
            Prepared = Shape.IsEmpty || IsCollection(Shape) ? null : PreparedGeometryFactory.Prepare(Shape);
            bytes = ewkb.ToArray();
        }
    }
}
