using System.Data.Common;
using System.Globalization;

namespace Waypost.Storage;

/// <summary>A type that knows how to read itself from a row; the only mapping there is.</summary>
public interface IRow<TSelf> where TSelf : IRow<TSelf>
{
    /// <summary>Reads the current row by column name.</summary>
    static abstract TSelf Read(Row row);
}

/// <summary>The current row, read by column name, with both databases' encodings already undone.</summary>
public readonly struct Row(DbDataReader reader)
{
    /// <summary>True where the column is null.</summary>
    public bool IsNull(string column) => reader.IsDBNull(reader.GetOrdinal(column));

    /// <summary>The value as its database has it: a whole number, a floating point number, text; null where
    /// absent.</summary>
    public object? Value(string column) => reader[column] is var value and not DBNull ? value : null;

    /// <summary>A 32-bit integer.</summary>
    public int Int(string column) => checked((int)Long(column));

    /// <summary>A 32-bit integer that may be absent.</summary>
    public int? IntOrNull(string column) => IsNull(column) ? null : Int(column);

    /// <summary>A 64-bit integer; also counts and sums, whatever type the database gives them.</summary>
    public long Long(string column) => reader[column] switch
    {
        long number => number,
        int number => number,
        var other => Convert.ToInt64(other, CultureInfo.InvariantCulture),
    };

    /// <summary>A 64-bit integer that may be absent.</summary>
    public long? LongOrNull(string column) => IsNull(column) ? null : Long(column);

    /// <summary>A floating point number.</summary>
    public double Double(string column) => Convert.ToDouble(reader[column], CultureInfo.InvariantCulture);

    /// <summary>A floating point number that may be absent.</summary>
    public double? DoubleOrNull(string column) => IsNull(column) ? null : Double(column);

    /// <summary>A truth value.</summary>
    public bool Bool(string column) => reader[column] switch
    {
        bool truth => truth,
        var other => Convert.ToInt64(other, CultureInfo.InvariantCulture) != 0,
    };

    /// <summary>Text.</summary>
    public string Text(string column) => reader.GetString(reader.GetOrdinal(column));

    /// <summary>Text that may be absent.</summary>
    public string? TextOrNull(string column)
    {
        var ordinal = reader.GetOrdinal(column);
        return reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);
    }

    /// <summary>A document.</summary>
    public Json Json(string column) => new(Text(column));

    /// <summary>A document that may be absent.</summary>
    public Json? JsonOrNull(string column) => TextOrNull(column) is { } text ? new Json(text) : null;

    /// <summary>A version 7 UUID.</summary>
    public Guid Id(string column) => reader[column] is Guid id ? id : Guid.Parse(Text(column));

    /// <summary>A version 7 UUID that may be absent.</summary>
    public Guid? IdOrNull(string column) => IsNull(column) ? null : Id(column);

    /// <summary>A moment, in UTC, to the microsecond.</summary>
    public DateTimeOffset Time(string column) => reader[column] switch
    {
        DateTime time => new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)),
        var text => DateTimeOffset.Parse((string)text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
    };

    /// <summary>A moment that may be absent.</summary>
    public DateTimeOffset? TimeOrNull(string column) => IsNull(column) ? null : Time(column);

    /// <summary>Raw bytes: a geometry as EWKB, a digest.</summary>
    public byte[] Bytes(string column) => (byte[])reader[column];

    /// <summary>Raw bytes that may be absent.</summary>
    public byte[]? BytesOrNull(string column) => IsNull(column) ? null : Bytes(column);

    /// <summary>An enum kept by its name.</summary>
    public T Enum<T>(string column) where T : struct, Enum => System.Enum.Parse<T>(Text(column));
}

/// <summary>One number, from <c>select … as n</c>.</summary>
public sealed record Number(long N) : IRow<Number>
{
    /// <summary>Reads column <c>n</c>.</summary>
    public static Number Read(Row row) => new(row.Long("n"));
}

/// <summary>One text, from <c>select … as t</c>; null where the column is.</summary>
public sealed record Words(string? T) : IRow<Words>
{
    /// <summary>Reads column <c>t</c>.</summary>
    public static Words Read(Row row) => new(row.TextOrNull("t"));
}
