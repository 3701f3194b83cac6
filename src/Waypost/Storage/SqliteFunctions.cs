using Microsoft.Data.Sqlite;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Prepared;
using Waypost.Geo.Geometry;

namespace Waypost.Storage;

/// <summary>The functions of PostGIS that our SQL uses, under the same names, from NetTopologySuite.</summary>
/// <remarks>Of a relation's two geometries the second is the one that stays while rows are gone through: it is
/// parsed and indexed once.</remarks>
static class SqliteFunctions
{
    public static void Register(SqliteConnection connection)
    {
        connection.CreateFunction("st_geomfromewkb", (byte[]? ewkb) => ewkb, isDeterministic: true);
        connection.CreateFunction("st_asewkb", (byte[]? ewkb) => ewkb, isDeterministic: true);
        Relation("st_intersects", static (row, asked) => asked.Intersects(row));
        Relation("st_contains", static (row, asked) => asked.Within(row));
        Relation("st_within", static (row, asked) => asked.Contains(row));
        Relation("st_disjoint", static (row, asked) => asked.Disjoint(row));
        SqliteFilters.Register(connection);

        void Relation(string name, Func<Geometry, IPreparedGeometry, bool> holds)
        {
            // A connection is used by one thread at a time, so its functions may remember.
            var asked = new LastAsked();
            connection.CreateFunction(
                name, (byte[]? a, byte[]? b) => a is null || b is null ? (bool?)null : holds(Wkb.Read(a), asked.Of(b)),
                isDeterministic: true);
        }
    }

    /// <summary>The geometry that was asked about last, prepared.</summary>
    sealed class LastAsked
    {
        byte[] bytes = [];
        IPreparedGeometry? prepared;

        public IPreparedGeometry Of(byte[] ewkb)
        {
            if (prepared is not null && bytes.AsSpan().SequenceEqual(ewkb)) return prepared;
            prepared = PreparedGeometryFactory.Prepare(Wkb.Read(ewkb));
            bytes = ewkb;
            return prepared;
        }
    }
}
