using NetTopologySuite.Geometries;
using Waypost.Geo.Geometry;
using Waypost.Geo.Vector;
using Xunit;
using static Waypost.Geo.Tests.Vector.VectorFiles;

namespace Waypost.Geo.Tests.Vector;

public class VectorRepairTests
{
    const string Point = """{"type":"Point","coordinates":[7.5,47]}""";
    const string BowTie = """{"type":"Polygon","coordinates":[[[0,0],[2,2],[2,0],[0,2],[0,0]]]}""";

    static string Polygon(string ring) => $$"""{"type":"Polygon","coordinates":[[{{ring}}]]}""";

    static GeodataWarning Warning(VectorReport report, string code) =>
        Assert.Single(report.Warnings, w => w.Code == code);

    [Fact]
    public async Task Null_and_empty_geometries_are_dropped_counted_and_shown()
    {
        var (features, report) = await Mend(
            Feature("null"), Feature(Point), Feature("""{"type":"Polygon","coordinates":[]}"""), Feature("null"));
        Assert.Equal([1L], features.Select(feature => feature.Index));
        Assert.Equal((4L, 1L, 3L), (report.Read, report.Kept, report.Dropped));
        Assert.Equal(2, Warning(report, "GEOMETRY_NULL").Count);
        Assert.Equal(1, Warning(report, "GEOMETRY_EMPTY").Count);
        Assert.Equal([2L, 0L, 3L], report.Evidence.Select(item => item.Index));
    }

    [Fact]
    public async Task An_invalid_polygon_is_made_valid_and_the_evidence_says_where_and_why()
    {
        var (features, report) = await Mend(Feature(Point), """{"id":"tie",""" + Feature(BowTie)[1..]);
        Assert.True(features[1].Geometry.IsValid);
        Assert.Equal(2, features[1].Geometry.Area, 9);
        Assert.Equal(1, report.Repaired);
        Assert.Equal(1, Warning(report, "GEOMETRY_REPAIRED").Count);
        var evidence = Assert.Single(report.Evidence);
        Assert.Equal(("GEOMETRY_REPAIRED", 1L, "\"tie\"", 1.0, 1.0),
            (evidence.Code, evidence.Index, evidence.IdJson, evidence.Longitude, evidence.Latitude));
        Assert.Contains("Self-intersection", evidence.Reason, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Evidence_is_bounded_and_counting_is_not()
    {
        var (_, report) = await Mend([.. Enumerable.Repeat(Feature(BowTie), 50)]);
        Assert.Equal(50, Warning(report, "GEOMETRY_REPAIRED").Count);
        Assert.Equal(VectorRepair.EvidencePerCode, report.Evidence.Count);
    }

    [Fact]
    public async Task Rings_are_closed_and_wound_and_heights_dropped_each_with_its_warning()
    {
        var (features, report) = await Mend(Feature(Polygon("[0,0,5],[0,1,5],[1,1,5],[1,0,5]")));
        Assert.Equal("POLYGON ((0 0, 1 0, 1 1, 0 1, 0 0))", features[0].Geometry.ToText());
        Assert.Equal(["GEOMETRY_Z_DROPPED", "RINGS_REWOUND", "RING_CLOSED"], report.Warnings.Select(w => w.Code));
    }

    [Theory]
    [InlineData("[1,1]")]
    [InlineData("[1,1],[2,2]")]
    [InlineData("[1,1],[1,1],[1,1],[1,1]")]
    [InlineData("[1,1],[2,2],[3,3],[1,1]")]
    public async Task A_ring_without_area_is_dropped_and_not_an_error(string ring)
    {
        var (features, report) = await Mend(Feature(Polygon(ring)), Feature(Point),
            Feature("""{"type":"LineString","coordinates":[[1,1]]}"""));
        Assert.Single(features);
        Assert.Equal(2, report.Dropped);
    }

    [Theory]
    [InlineData("[170,0],[190,0],[190,10],[170,10],[170,0]", 170, -170)]
    [InlineData("[-190,0],[-170,0],[-170,10],[-190,10],[-190,0]", 170, -170)]
    public async Task A_polygon_beyond_180_degrees_is_cut_at_the_antimeridian(string ring, double west, double east)
    {
        var (features, report) = await Mend(Feature(Polygon(ring)));
        var parts = Assert.IsType<MultiPolygon>(features[0].Geometry);
        Assert.Equal(2, parts.NumGeometries);
        Assert.Equal(200, parts.Area, 9);
        Assert.InRange(parts.EnvelopeInternal.MaxX, 180, 180);
        Assert.InRange(parts.EnvelopeInternal.MinX, -180, -180);
        Assert.Equal(new GeoBox(west, 0, east, 10), report.Box);
        Assert.Equal(1, Warning(report, "ANTIMERIDIAN_SPLIT").Count);
    }

    [Fact]
    public async Task Points_and_lines_beyond_180_degrees_are_moved_and_cut()
    {
        var (features, _) = await Mend(Feature("""{"type":"Point","coordinates":[190,5]}"""),
            Feature("""{"type":"MultiPoint","coordinates":[[180,5],[-181,6]]}"""),
            Feature("""{"type":"LineString","coordinates":[[170,0],[190,20]]}"""));
        Assert.Equal(["POINT (-170 5)", "MULTIPOINT ((180 5), (179 6))",
            "MULTILINESTRING ((170 0, 180 10), (-180 10, -170 20))"], features.Select(f => f.Geometry.ToText()));
    }

    [Fact]
    public async Task A_shape_that_jumps_around_the_world_is_suspected_and_left_alone()
    {
        var (features, report) = await Mend(Feature(Polygon("[179,0],[-179,0],[-179,1],[179,1],[179,0]")));
        Assert.Single(features);
        Assert.Equal(1, Warning(report, "ANTIMERIDIAN_SUSPECTED").Count);
    }

    [Fact]
    public async Task Columns_are_listed_with_types_nulls_and_names_that_any_database_takes()
    {
        var (features, report) = await Mend(
            Feature(Point, """{"id":1,"Name":"a","name":2.5,"Größe":null,"Город":true,"Order":[1],"名前":{}}"""),
            Feature(Point, """{"id":null,"Name":"b","e\u0301t\u00e9":"x","source_id":7}"""));
        Assert.Equal(["id", "Name", "name", "Größe", "Город", "Order", "名前", "e\u0301té", "source_id"],
            report.Columns.Select(column => column.Name));
        Assert.Equal(["source_id_2", "name_2", "name", "groesse", "gorod", "order_", "column_7", "e_te", "source_id"],
            report.Columns.Select(column => column.SafeName));
        Assert.Equal((1L, 2L), (report.Columns[0].Nulls, report.Columns[0].Present));
        Assert.Equal(["integer"], report.Columns[0].Types);
        Assert.Empty(report.Columns[3].Types);
        Assert.Equal(["number"], report.Columns[2].Types);
        Assert.Contains("\"Größe\":null", features[0].PropertiesJson, StringComparison.Ordinal);
    }

    [Fact]
    public void Safe_names_are_unique_and_short_whatever_comes_in()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var names = Enumerable.Range(0, 3000).Select(_ => new string([.. Enumerable.Range(0, random.Next(90))
            .Select(_ => (char)random.Next(1, random.Next(2) == 0 ? 128 : 0xD000))])).Concat(["id", "ID", "Id",
                "fid"]).Distinct().ToList();
        var safe = SafeNames.For(names);
        Assert.Equal(names.Count, safe.Distinct().Count());
        Assert.All(safe, name => Assert.Matches("^[a-z_][a-z0-9_]{0,62}$", name));
        Assert.DoesNotContain("id", safe);
    }

    [Fact]
    public async Task Mixed_types_are_allowed_with_a_warning_and_the_box_is_planar_when_Greenwich_is_inside()
    {
        var (_, report) =
            await Mend(Feature(Point), Feature(BowTie), Feature("""{"type":"Point","coordinates":[-170,0]}"""));
        Warning(report, "GEOMETRY_MIXED");
        Assert.Equal(-170, report.Box.West);
        Assert.Equal((2L, 1L), (report.GeometryTypes["Point"], report.GeometryTypes["MultiPolygon"]));
    }

    [Fact]
    public async Task Only_nulls_after_repair_is_an_empty_file()
    {
        var fault = (await Assert.ThrowsAsync<BadGeodataException>(() => Mend(Feature(Polygon("[1,1]"))))).Fault;
        Assert.Equal("VECTOR_EMPTY", fault.Code);
    }

    [Theory]
    [InlineData("vector/ne_110m_countries.geojson", 177, 1)]
    [InlineData("vector/ne_110m_populated_places.geojson", 243, 0)]
    [InlineData("vector/ne_10m_airports.geojson", 891, 0)]
    public async Task Real_files_come_out_valid_and_whole(string path, int count, int repaired)
    {
        var file = Shared(path);
        if (file is null)
            Assert.Skip("The samples are not beside this checkout.");
        await using var stream = File.OpenRead(file);
        var (features, report) = await Mend(stream);
        Assert.Equal(count, features.Count);
        Assert.Equal(repaired, report.Repaired);
        Assert.All(features, feature => Assert.True(feature.Geometry.IsValid));
        foreach (var warning in report.Warnings)
            TestContext.Current.TestOutputHelper?.WriteLine(warning.ToString());
        foreach (var item in report.Evidence)
            TestContext.Current.TestOutputHelper?.WriteLine(item.ToString());
        TestContext.Current.TestOutputHelper?.WriteLine(report.Box.ToString());
    }
}
