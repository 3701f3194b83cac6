namespace Waypost.Catalogue;

/// <summary>What a writer wants to be answered.</summary>
enum WantedReturn
{
    /// <summary>He did not say.</summary>
    Unsaid,

    /// <summary>No document.</summary>
    Minimal,

    /// <summary>The document as it is now.</summary>
    Representation,
}

/// <summary>Reads what a request would prefer (RFC 7240).</summary>
static class Preferences
{
    /// <summary>The preference <c>return</c> (section 4.2). Of several the first counts; a value that the standard does
    /// not have is as if nothing had been said.</summary>
    public static WantedReturn Return(IHeaderDictionary headers)
    {
        foreach (var preference in headers["Prefer"].SelectMany(line => Split(line ?? "", ',')))
        {
            var pair = Split(Split(preference, ';')[0], '=');
            if (!pair[0].Trim().Equals("return", StringComparison.OrdinalIgnoreCase)) continue;
            var value = pair.Count > 1 ? pair[1].Trim().Trim('"') : "";
            return value.Equals("minimal", StringComparison.OrdinalIgnoreCase) ? WantedReturn.Minimal
                : value.Equals("representation", StringComparison.OrdinalIgnoreCase) ? WantedReturn.Representation
                : WantedReturn.Unsaid;
        }
        return WantedReturn.Unsaid;
    }

    // What stands in quotes is not taken apart.
    static List<string> Split(string text, char at)
    {
        var (parts, from, isQuoted) = (new List<string>(), 0, false);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && isQuoted) i++;
            else if (text[i] == '"') isQuoted = !isQuoted;
            else if (text[i] == at && !isQuoted)
            {
                parts.Add(text[from..i]);
                from = i + 1;
            }
        }
        parts.Add(text[from..]);
        return parts;
    }
}
