using System.Text;

namespace Waypost.Geo.Vector;

/// <summary>
/// Latin, Greek and Cyrillic letters in lower-case ASCII, for names of columns. Scripts without letters that read
/// alike in ASCII give nothing, and their names are numbered instead. A table of our own, as the process runs without
/// the system's culture data.
/// </summary>
internal static class Transliteration
{
    /// <summary>
    /// Pairs of a letter and what it becomes, lower case; the upper case of each is found by the runtime.
    /// </summary>
    const string Pairs =
        "àa áa âa ãa äae åa æae çc èe ée êe ëe ìi íi îi ïi ðd ñn òo óo ôo õo öoe øo ùu úu ûu üue ýy þth ÿy ßss "
        + "āa ăa ąa ćc ĉc ċc čc ďd đd ēe ĕe ėe ęe ěe ĝg ğg ġg ģg ĥh ħh ĩi īi ĭi įi ıi ĵj ķk ĺl ļl ľl łl ńn ņn ňn "
        + "ōo ŏo őo œoe ŕr ŗr řr śs ŝs şs šs ţt ťt ũu ūu ŭu ůu űu ųu ŵw ŷy źz żz žz șs țt ơo ưu ǎa ǐi ǒo ǔu "
        + "ạa ảa ấa ầa ẩa ẫa ậa ắa ằa ẳa ẵa ặa ẹe ẻe ẽe ếe ềe ểe ễe ệe ỉi ịi ọo ỏo ốo ồo ổo ỗo ộo ớo ờo ởo ỡo ợo "
        + "ụu ủu ứu ừu ửu ữu ựu ỳy ỵy ỷy ỹy "
        + "αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υy φf χch ψps ωo άa έe ήi ίi όo ύy ώo ϊi ϋy "
        + "аa бb вv гg дd еe ёe жzh зz иi йi кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ыy эe юyu яya "
        + "іi їi єie ґg ўu ђdj јj љlj њnj ћc џdz ѓg ќk ѕdz әa ғg қq ңn өo ұu үu һh";

    static readonly Dictionary<int,
        string> Table = Pairs.Split(' ').ToDictionary(pair => (int)pair[0], pair => pair[1..]);

    /// <summary>What a character becomes: itself in lower case, other letters, or nothing.</summary>
    public static string Of(Rune character)
    {
        var lower = Rune.ToLowerInvariant(character);
        if (lower.IsAscii)
            return Rune.IsLetterOrDigit(lower) ? lower.ToString() : "";
        return Table.GetValueOrDefault(lower.Value, "");
    }
}
