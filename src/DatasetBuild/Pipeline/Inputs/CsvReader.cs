using System.Text;

namespace DatasetBuild.Pipeline;

/// <summary>Rows of RFC 4180: commas, quotes doubled inside quotes, line breaks allowed inside quotes. Blank lines are passed over.</summary>
internal sealed class CsvReader(TextReader text, int maxRowLength)
{
    private readonly StringBuilder cell = new();
    private int nextLine = 1;
    private int length;

    /// <summary>The line on which the last row started, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>Whether the last row has a quote that is never closed, and so holds all that is left of the file.</summary>
    public bool IsUnclosed { get; private set; }

    /// <summary>Whether the last row has more characters than are allowed; the rest of it is not read.</summary>
    public bool IsTooLong => length > maxRowLength;

    /// <summary>The cells of the next row, or null at the end.</summary>
    public string[]? ReadRow()
    {
        while (text.Peek() is '\r' or '\n')
        {
            nextLine += text.Read() == '\n' ? 1 : 0;
        }

        if (text.Peek() < 0)
        {
            return null;
        }

        Line = nextLine;
        length = 0;
        var cells = new List<string>();
        do
        {
            cells.Add(ReadCell());
        }
        while (!IsTooLong && TakeComma());
        return [.. cells];
    }

    private bool TakeComma()
    {
        if (text.Peek() == ',')
        {
            text.Read();
            length++;
            return true;
        }

        return false;
    }

    private string ReadCell()
    {
        cell.Clear();
        var quoted = text.Peek() == '"';
        if (quoted)
        {
            text.Read();
        }

        while (!IsTooLong && text.Peek() is var next and >= 0)
        {
            if (quoted && next == '"')
            {
                text.Read();
                if (text.Peek() != '"')
                {
                    quoted = false;
                    continue;
                }
            }
            else if (!quoted && next is ',' or '\r' or '\n' && !quoted)
            {
                break;
            }

            nextLine += next == '\n' ? 1 : 0;
            length++;
            cell.Append((char)text.Read());
        }

        IsUnclosed |= quoted;
        return cell.ToString();
    }
}
