using System.Text.Json;
using Waypost.Geo.Geometry;

namespace Waypost.Geo.Cql2;

/// <summary>Reads CQL2 JSON: operators are objects with <c>op</c> and <c>args</c>, the rest are literals.</summary>
sealed class Cql2JsonReader
{
    readonly GeoJsonLiteral geometries = new();
    int depth;

    public Cql2Expression Read(JsonElement json, string place)
    {
        if (++depth > Cql2Limits.Depth)
            throw Cql2Limits.Passed(place, "expressions within one another", Cql2Limits.Depth);
        Cql2Expression node = json.ValueKind switch
        {
            JsonValueKind.Object => ReadObject(json, place),
            JsonValueKind.Array => new ArrayExpression(ReadAll(json, place)) { Place = place },
            JsonValueKind.String => new TextLiteral(JsonPlaces.Text(json, place)) { Place = place },
            JsonValueKind.Number => new NumberLiteral(JsonPlaces.Number(json, place)) { Place = place },
            JsonValueKind.True or JsonValueKind.False => new BooleanLiteral(json.GetBoolean()) { Place = place },
            _ => throw new BadCql2Exception(place, "null",
                "a value was expected; {\"op\": \"isNull\"} tests for one that is missing"),
        };
        depth--;
        return node;
    }

    Cql2Expression ReadObject(JsonElement json, string place)
    {
        if (json.TryGetProperty("type", out _))
            return new GeometryLiteral(geometries.Read(json, place)) { Place = place };
        var names = json.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal).ToList();
        if (names is ["args", "op"])
            return ReadOperation(json.GetProperty("op"), json.GetProperty("args"), place, "op", "args");
        if (names is not [var name])
        {
            throw new BadCql2Exception(place, names.Count == 0 ? "an empty object"
                : $"an object with {string.Join(", ", names.Take(5))}", "an object with op and args was expected");
        }
        var only = json.GetProperty(name);
        var at = JsonPlaces.Below(place, name);
        return name switch
        {
            "property" => new PropertyReference(Name(only, at)) { Place = place },
            "date" => new DateLiteral(Date(only, at)) { Place = place },
            "timestamp" => new TimestampLiteral(Timestamp(only, at)) { Place = place },
            "interval" => ReadInterval(only, at, place),
            "bbox" => new BoxLiteral(ReadBox(only, at)) { Place = place },
            "casei" => new CaseFolded(Read(only, at)) { Place = place },
            "accenti" => new AccentFolded(Read(only, at)) { Place = place },
            "function" => ReadFunction(only, at, place),
            _ => throw new BadCql2Exception(place, $"an object with {name}",
                "op and args, property, date, timestamp, interval, bbox or a geometry was expected"),
        };
    }

    Cql2Expression ReadOperation(
        JsonElement op, JsonElement args, string place, string opMember, string argsMember)
    {
        var name = Name(op, JsonPlaces.Below(place, opMember));
        var at = JsonPlaces.Below(place, argsMember);
        if (args.ValueKind != JsonValueKind.Array)
        {
            // Drafts of the standard had the operand of isNull without an array.
            return name.Equals("isNull", StringComparison.OrdinalIgnoreCase)
                ? new IsNull(Read(args, at)) { Place = place }
                : throw new BadCql2Exception(at, JsonPlaces.Described(args), "an array of operands was expected");
        }
        var operands = ReadAll(args, at);
        return name.ToLowerInvariant() switch
        {
            "and" => new And(Several(operands, at)) { Place = place },
            "or" => new Or(Several(operands, at)) { Place = place },
            "not" => new Not(One(operands, at)) { Place = place },
            "like" => Of(operands, at,
                (left, right) => new Like(left, Cql2Pattern.Checked(right)) { Place = place }),
            "between" => ReadBetween(operands, at, place),
            "in" => Of(operands, at, (left, right) => new In(left, right is ArrayExpression array ? array.Items
                : throw new BadCql2Exception(right.Place, "no array", "an array of items was expected"))
            { Place = place }),
            "isnull" => new IsNull(One(operands, at)) { Place = place },
            "casei" => new CaseFolded(One(operands, at)) { Place = place },
            "accenti" => new AccentFolded(One(operands, at)) { Place = place },
            "!=" => throw new BadCql2Exception(JsonPlaces.Below(place, opMember), "'!='", "'<>' was expected"),
            _ => ReadPredicate(name, operands, at, place),
        };
    }

    static Cql2Expression ReadPredicate(string name, Cql2List<Cql2Expression> operands, string at, string place)
    {
        if (Cql2Names.Comparisons.TryGetValue(name, out var comparison))
            return Of(operands, at, (left, right) => new Comparison(comparison, left, right) { Place = place });
        if (Cql2Names.Arithmetics.TryGetValue(name, out var arithmetic))
            return Of(operands, at, (left, right) => new Arithmetic(arithmetic, left, right) { Place = place });
        if (Cql2Names.Spatial.TryGetValue(name, out var spatial))
            return Of(operands, at, (left, right) => new SpatialPredicate(spatial, left, right) { Place = place });
        if (Cql2Names.Temporal.TryGetValue(name, out var temporal))
            return Of(operands, at, (left, right) => new TemporalPredicate(temporal, left, right) { Place = place });
        return Cql2Names.Arrays.TryGetValue(name, out var array)
            ? Of(operands, at, (left, right) => new ArrayPredicate(array, left, right) { Place = place })
            : new FunctionCall(name, operands) { Place = place };
    }

    static Between ReadBetween(Cql2List<Cql2Expression> operands, string at, string place) => operands switch
    {
        [var operand, var lower, var upper] => new Between(operand, lower, upper) { Place = place },
        // Drafts of the standard had the bounds in an array.
        [var operand, ArrayExpression { Items: [var lower, var upper] }] =>
            new Between(operand, lower, upper) { Place = place },
        _ => throw new BadCql2Exception(at, Counted(operands), "a number and its two bounds were expected"),
    };

    FunctionCall ReadFunction(JsonElement json, string at, string place)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("name", out var name))
            throw new BadCql2Exception(at, JsonPlaces.Described(json), "an object with name and args was expected");
        return new FunctionCall(Name(name, JsonPlaces.Below(at, "name")),
            json.TryGetProperty("args", out var args) ? ReadAll(args, JsonPlaces.Below(at, "args")) : [])
        { Place = place };
    }

    Interval ReadInterval(JsonElement json, string at, string place)
    {
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() != 2)
            throw new BadCql2Exception(at, JsonPlaces.Described(json), "an array of two instants was expected");
        var ends = ReadAll(json, at);
        return new Interval(Cql2Instants.EndOf(ends[0]), Cql2Instants.EndOf(ends[1])) { Place = place };
    }

    static GeoBox ReadBox(JsonElement json, string at)
    {
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() > 6)
            throw new BadCql2Exception(at, JsonPlaces.Described(json), "an array of four or six numbers was expected");
        var numbers = json.EnumerateArray().Select((one, i) => JsonPlaces.Number(one, JsonPlaces.Below(at, i)));
        return GeometryBuilding.Box([.. numbers], at);
    }

    Cql2List<Cql2Expression> ReadAll(JsonElement json, string at)
    {
        if (json.ValueKind != JsonValueKind.Array)
            throw new BadCql2Exception(at, JsonPlaces.Described(json), "an array was expected");
        if (json.GetArrayLength() > Cql2Limits.Items)
            throw Cql2Limits.Passed(at, "items in one list", Cql2Limits.Items);
        return json.EnumerateArray().Select((item, i) => Read(item, JsonPlaces.Below(at, i))).ToCql2List();
    }

    static Cql2List<Cql2Expression> Several(Cql2List<Cql2Expression> operands, string at) => operands.Count >= 2
        ? operands : throw new BadCql2Exception(at, Counted(operands), "two or more were expected");

    static Cql2Expression One(Cql2List<Cql2Expression> operands, string at) => operands is [var one]
        ? one : throw new BadCql2Exception(at, Counted(operands), "one was expected");

    static Cql2Expression Of(
        Cql2List<Cql2Expression> operands, string at, Func<Cql2Expression, Cql2Expression, Cql2Expression> make) =>
        operands is [var left, var right] ? make(left, right)
            : throw new BadCql2Exception(at, Counted(operands), "two were expected");

    static string Counted(Cql2List<Cql2Expression> operands) => operands.Count == 1
        ? "one operand" : FormattableString.Invariant($"{operands.Count} operands");

    static string Name(JsonElement json, string at) =>
        json.ValueKind == JsonValueKind.String && JsonPlaces.Text(json, at) is { Length: > 0 } name ? name
            : throw new BadCql2Exception(at, JsonPlaces.Described(json), "a name was expected");

    static DateOnly Date(JsonElement json, string at) =>
        json.ValueKind == JsonValueKind.String && Cql2Instants.TryReadDate(JsonPlaces.Text(json, at), out var date)
            ? date
            : throw new BadCql2Exception(at, JsonPlaces.Described(json), "a date such as 2020-01-31 was expected");

    static DateTimeOffset Timestamp(JsonElement json, string at) => json.ValueKind == JsonValueKind.String
        && Cql2Instants.TryReadTimestamp(JsonPlaces.Text(json, at), out var timestamp)
            ? timestamp
            : throw new BadCql2Exception(
                at, JsonPlaces.Described(json), "a timestamp such as 2020-01-31T12:00:00Z was expected");
}
