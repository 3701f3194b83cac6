using System.Text.Json;
using NetTopologySuite.Geometries;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Cql2;

/// <summary>Writes an expression by the schema of CQL2 JSON, geometries as GeoJSON with their heights.</summary>
sealed class Cql2JsonWriter(Utf8JsonWriter json)
{
    public void Write(Cql2Expression node)
    {
        switch (node)
        {
            case In within:
                WriteIn(within);
                break;
            case PropertyReference property:
                json.WriteStartObject();
                json.WriteString("property", property.Name);
                json.WriteEndObject();
                break;
            case Interval interval:
                WriteInterval(interval);
                break;
            case ArrayExpression array:
                WriteAll(array.Items);
                break;
            default:
                if (OperatorOf(node) is { } name)
                    WriteOperation(name, node.Children);
                else
                    WriteLiteral(node);
                break;
        }
    }

    static string? OperatorOf(Cql2Expression node) => node switch
    {
        And => "and",
        Or => "or",
        Not => "not",
        Comparison comparison => Cql2Names.Of(comparison.Operator),
        Like => "like",
        Between => "between",
        IsNull => "isNull",
        SpatialPredicate spatial => Cql2Names.Of(spatial.Relation),
        TemporalPredicate temporal => Cql2Names.Of(temporal.Relation),
        ArrayPredicate array => Cql2Names.Of(array.Relation),
        Arithmetic arithmetic => Cql2Names.Of(arithmetic.Operator),
        CaseFolded => "casei",
        AccentFolded => "accenti",
        FunctionCall call => call.Name,
        _ => null,
    };

    void WriteOperation(string name, IEnumerable<Cql2Expression> arguments)
    {
        json.WriteStartObject();
        json.WriteString("op", name);
        json.WritePropertyName("args");
        WriteAll(arguments);
        json.WriteEndObject();
    }

    void WriteAll(IEnumerable<Cql2Expression> nodes)
    {
        json.WriteStartArray();
        foreach (var node in nodes)
            Write(node);
        json.WriteEndArray();
    }

    void WriteIn(In within)
    {
        json.WriteStartObject();
        json.WriteString("op", "in");
        json.WriteStartArray("args");
        Write(within.Operand);
        WriteAll(within.Items);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    void WriteInterval(Interval interval)
    {
        json.WriteStartObject();
        json.WriteStartArray("interval");
        foreach (var end in new[] { interval.Start, interval.End })
        {
            switch (end)
            {
                case null:
                    json.WriteStringValue("..");
                    break;
                case DateLiteral date:
                    json.WriteStringValue(Cql2Instants.Write(date.Value));
                    break;
                case TimestampLiteral timestamp:
                    json.WriteStringValue(Cql2Instants.Write(timestamp.Value));
                    break;
                default:
                    Write(end);
                    break;
            }
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    void WriteLiteral(Cql2Expression node)
    {
        switch (node)
        {
            case TextLiteral text:
                json.WriteStringValue(text.Value);
                break;
            case NumberLiteral number:
                json.WriteNumberValue(number.Value);
                break;
            case BooleanLiteral boolean:
                json.WriteBooleanValue(boolean.Value);
                break;
            case DateLiteral date:
                json.WriteStartObject();
                json.WriteString("date", Cql2Instants.Write(date.Value));
                json.WriteEndObject();
                break;
            case TimestampLiteral timestamp:
                json.WriteStartObject();
                json.WriteString("timestamp", Cql2Instants.Write(timestamp.Value));
                json.WriteEndObject();
                break;
            case BoxLiteral box:
                json.WriteStartObject();
                WriteNumbers("bbox", box.Value.ToArray());
                json.WriteEndObject();
                break;
            case GeometryLiteral geometry:
                WriteGeometry(geometry.Value);
                break;
            default:
                throw new NotSupportedException($"{node.GetType().Name} has no form as JSON.");
        }
    }

    void WriteNumbers(string name, double[] numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    void WriteGeometry(NtsGeometry geometry)
    {
        json.WriteStartObject();
        json.WriteString("type", geometry is LinearRing ? "LineString" : geometry.GeometryType);
        if (geometry is GeometryCollection and not (MultiPoint or MultiLineString or MultiPolygon))
        {
            json.WriteStartArray("geometries");
            foreach (var member in ((GeometryCollection)geometry).Geometries)
                WriteGeometry(member);
            json.WriteEndArray();
        }
        else
        {
            json.WritePropertyName("coordinates");
            WriteCoordinates(geometry);
        }
        json.WriteEndObject();
    }

    void WriteCoordinates(NtsGeometry geometry)
    {
        if (geometry is Point { IsEmpty: false } point)
        {
            WritePosition(point.CoordinateSequence, 0);
            return;
        }
        json.WriteStartArray();
        switch (geometry)
        {
            case LineString line:
                for (var i = 0; i < line.NumPoints; i++)
                    WritePosition(line.CoordinateSequence, i);
                break;
            case Polygon { IsEmpty: false } polygon:
                WriteCoordinates(polygon.ExteriorRing);
                foreach (var hole in polygon.InteriorRings)
                    WriteCoordinates(hole);
                break;
            case GeometryCollection multi:
                foreach (var member in multi.Geometries)
                    WriteCoordinates(member);
                break;
        }
        json.WriteEndArray();
    }

    void WritePosition(CoordinateSequence positions, int at)
    {
        json.WriteStartArray();
        json.WriteNumberValue(positions.GetX(at));
        json.WriteNumberValue(positions.GetY(at));
        if (!double.IsNaN(positions.GetZ(at)))
            json.WriteNumberValue(positions.GetZ(at));
        json.WriteEndArray();
    }
}
