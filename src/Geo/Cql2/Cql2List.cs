using System.Collections;
using System.Runtime.CompilerServices;

namespace Waypost.Geo.Cql2;

/// <summary>
/// An immutable list that is equal to another when its members are, so that trees compare by what they say. Written
/// as a collection expression: <c>[a, b]</c>.
/// </summary>
/// <typeparam name="T">What it holds; compared by its own equality.</typeparam>
[CollectionBuilder(typeof(Cql2List), nameof(Cql2List.Of))]
public sealed class Cql2List<T> : IReadOnlyList<T>, IEquatable<Cql2List<T>>
{
    readonly T[] members;

    internal Cql2List(T[] members) => this.members = members;

    /// <inheritdoc/>
    public int Count => members.Length;

    /// <inheritdoc/>
    public T this[int index] => members[index];

    /// <inheritdoc/>
    public bool Equals(Cql2List<T>? other) => other is not null && members.AsSpan().SequenceEqual(other.members);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Cql2List<T>);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var member in members)
            hash.Add(member);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)members).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The members with commas, for messages.</summary>
    public override string ToString() => $"[{string.Join(", ", members)}]";
}

/// <summary>Makes lists of tree members.</summary>
public static class Cql2List
{
    /// <summary>A list of these members.</summary>
    public static Cql2List<T> Of<T>(ReadOnlySpan<T> members) => new(members.ToArray());

    /// <summary>A list of these members, in their order.</summary>
    public static Cql2List<T> ToCql2List<T>(this IEnumerable<T> members) => new([.. members]);
}
