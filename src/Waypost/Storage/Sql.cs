using System.Runtime.CompilerServices;
using System.Text;

namespace Waypost.Storage;

/// <summary>A statement whose every hole is a parameter, or another <see cref="Sql"/> spliced in whole.</summary>
/// <remarks>Text can only come from literals in our source, so an injection does not compile.</remarks>
[InterpolatedStringHandler]
public sealed class Sql(int literalLength, int holes)
{
    /// <summary>Nothing at all; splices as no text.</summary>
    public static readonly Sql Empty = new(0, 0);

    readonly List<Part> parts = new(holes * 2 + 1);

    readonly record struct Part(string? Text, object? Value, Type? Type);

    /// <summary>Called by the compiler for the text between holes.</summary>
    public void AppendLiteral(string text) => parts.Add(new Part(text, null, null));

    /// <summary>Splices a fragment in whole, its own parameters included.</summary>
    public void AppendFormatted(Sql fragment)
    {
        ArgumentNullException.ThrowIfNull(fragment);
        parts.AddRange(fragment.parts);
    }

    /// <summary>Makes a parameter of the value; its static type is kept, so that a null has a type too.</summary>
    public void AppendFormatted<T>(T value) => parts.Add(new Part(null, value, typeof(T)));

    /// <summary>Fragments with a separator between them: <c>Sql.Join($" and ", conditions)</c>.</summary>
    public static Sql Join(Sql separator, IEnumerable<Sql> fragments)
    {
        ArgumentNullException.ThrowIfNull(fragments);
        var joined = new Sql(0, 0);
        foreach (var fragment in fragments)
        {
            if (joined.parts.Count > 0) joined.AppendFormatted(separator);
            joined.AppendFormatted(fragment);
        }
        return joined;
    }

    /// <summary>A migration file's text: the one way text from outside a literal becomes a statement.</summary>
    internal static Sql OfMigration(string text)
    {
        var sql = new Sql(text.Length, 0);
        sql.AppendLiteral(text);
        return sql;
    }

    /// <summary>The statement's text with numbered parameters, the same for every value.</summary>
    internal string Text()
    {
        if (parts.Count == 1 && parts[0].Text is { } only) return only;

        var text = new StringBuilder(literalLength + parts.Count * 4);
        var parameter = 0;
        foreach (var part in parts)
        {
            if (part.Text is not null) text.Append(part.Text);
            else text.Append(ParameterName(parameter++));
        }
        return text.ToString();
    }

    /// <summary>The values of the holes, in order.</summary>
    internal IEnumerable<(string Name, object? Value, Type Type)> Parameters()
    {
        var parameter = 0;
        foreach (var part in parts)
            if (part.Type is not null)
                yield return (ParameterName(parameter++), part.Value, part.Type);
    }

    internal static string ParameterName(int index) => index < Names.Length ? Names[index] : "@p" + index;

    static readonly string[] Names = [.. Enumerable.Range(0, 128).Select(i => "@p" + i)];
}
