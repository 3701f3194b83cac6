using System.Buffers;
using Waypost.Access;

namespace Waypost.Catalogue;

/// <summary>Finds where each feature of a FeatureCollection begins and ends, byte by byte as they come; what is between
/// is for the JSON parser.</summary>
sealed class FeatureScan(int largest)
{
    readonly ArrayBufferWriter<byte> feature = new(4096);
    readonly ArrayBufferWriter<byte> name = new(64);
    int depth;
    bool inText, escaped, isName, inFeatures, inFeature, tooLarge, closed;
    long count;
    BulkProblem? problem;

    /// <summary>True after what is no JSON any more: nothing can be found behind it.</summary>
    public bool IsBroken => problem is not null;

    /// <summary>Takes the next bytes, and adds the features that end in them.</summary>
    public void Feed(ReadOnlySpan<byte> bytes, List<BulkLine> found)
    {
        foreach (var c in bytes)
        {
            if (problem is not null) return;
            if (inText) Text(c);
            else Sign(c, found);
        }
    }

    /// <summary>Says so where the body ended before the collection did.</summary>
    public void End(List<BulkLine> found)
    {
        if (!closed && problem is null) Break(found, "The body ends before the collection does.");
    }

    void Text(byte c)
    {
        Keep(c);
        if (isName) name.Write([c]);
        if (escaped) escaped = false;
        else if (c == '\\') escaped = true;
        else if (c == '"') inText = false;
    }

    void Sign(byte c, List<BulkLine> found)
    {
        if (c is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            Keep(c);
            return;
        }
        if (closed)
        {
            Break(found, "Something follows the end of the collection.");
            return;
        }
        if (depth == 0 && c != '{')
            throw Refused.Bad("NOT_JSON", "The body does not begin as a FeatureCollection does: with {.",
                "Send an item a line as application/x-ndjson.");
        // In the list itself a comma or its end ends what is neither an object nor a list, and is no item.
        if (inFeatures && depth == 2 && c is (byte)',' or (byte)']' && inFeature) Finish(found);
        if (inFeatures && depth == 2 && c is not ((byte)',' or (byte)']')) inFeature = true;
        Keep(c);
        switch (c)
        {
            case (byte)'"':
                inText = true;
                if (isName = depth == 1) name.ResetWrittenCount();
                break;
            case (byte)'{' or (byte)'[':
                if (depth == 1 && c == '[' && name.WrittenSpan.SequenceEqual("features\""u8)) inFeatures = true;
                depth++;
                break;
            case (byte)'}' or (byte)']':
                Close(found);
                break;
        }
    }

    void Close(List<BulkLine> found)
    {
        depth--;
        if (inFeatures && depth == 2) Finish(found);
        if (depth == 1) inFeatures = false;
        closed = depth == 0;
    }

    void Keep(byte c)
    {
        if (!inFeature || tooLarge) return;
        if (feature.WrittenCount == largest) tooLarge = true;
        else feature.Write([c]);
    }

    void Finish(List<BulkLine> found)
    {
        if (!inFeature) return;
        found.Add(tooLarge
            ? new BulkLine(++count, default, new BulkProblem(
                "ITEM_TOO_LARGE", $"The item is longer than {largest >> 20} MiB."))
            : new BulkLine(++count, feature.WrittenSpan.ToArray()));
        feature.ResetWrittenCount();
        (inFeature, tooLarge) = (false, false);
    }

    void Break(List<BulkLine> found, string why)
    {
        problem = new BulkProblem("NOT_JSON", why);
        found.Add(new BulkLine(count + 1, default, problem));
    }
}
