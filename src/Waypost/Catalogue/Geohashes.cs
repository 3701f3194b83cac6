namespace Waypost.Catalogue;

/// <summary>The cells of the geohash grid: letters for the halves in which a place lies, longitude first.</summary>
static class Geohashes
{
    const string Letters = "0123456789bcdefghjkmnpqrstuvwxyz";
    const int BitsOfLetter = 5;

    /// <summary>How many columns and rows the grid has.</summary>
    public static (long Columns, long Rows) Size(int precision)
    {
        var bits = precision * BitsOfLetter;
        return (1L << (bits + 1) / 2, 1L << bits / 2);
    }

    /// <summary>The name of a cell, counted from the west and from the south.</summary>
    public static string Name(long column, long row, int precision)
    {
        var bits = precision * BitsOfLetter;
        Span<char> name = stackalloc char[precision];
        var (columnBit, rowBit) = ((bits + 1) / 2, bits / 2);
        for (var at = 0; at < precision; at++)
        {
            var letter = 0;
            for (var bit = 0; bit < BitsOfLetter; bit++)
                letter = letter << 1 | (int)((at * BitsOfLetter + bit) % 2 == 0
                    ? column >> --columnBit & 1 : row >> --rowBit & 1);
            name[at] = Letters[letter];
        }
        return name.ToString();
    }
}
