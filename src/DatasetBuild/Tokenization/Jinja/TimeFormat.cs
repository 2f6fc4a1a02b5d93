using System.Globalization;
using System.Text;

namespace DatasetBuild.Tokenization.Jinja;

/// <summary>Python's <c>strftime</c> in English, in the C locale, for a day at midnight without a time zone.</summary>
internal static class TimeFormat
{
    public static string Apply(string format, DateTime day)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            var noPadding = format[i + 1] == '-' && i + 2 < format.Length;
            i += noPadding ? 2 : 1;
            var field = Field(format[i], day);
            text.Append(noPadding && field.Length > 1 && char.IsAsciiDigit(field[^1]) && field.TrimStart('0', ' ') is var trimmed ? (trimmed.Length == 0 ? "0" : trimmed) : field);
        }

        return text.ToString();
    }

    private static string Field(char directive, DateTime day) => directive switch
    {
        'a' => day.Format("ddd"),
        'A' => day.Format("dddd"),
        'b' or 'h' => day.Format("MMM"),
        'B' => day.Format("MMMM"),
        'c' => $"{day.Format("ddd MMM")} {day.Day,2} {day.Format("HH:mm:ss yyyy")}",
        'C' => (day.Year / 100).ToString("00", CultureInfo.InvariantCulture),
        'd' => day.Format("dd"),
        'D' or 'x' => day.Format("MM/dd/yy"),
        'e' => day.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'f' => day.Format("ffffff"),
        'F' => day.Format("yyyy-MM-dd"),
        'g' => (ISOWeek.GetYear(day) % 100).ToString("00", CultureInfo.InvariantCulture),
        'G' => ISOWeek.GetYear(day).ToString(CultureInfo.InvariantCulture),
        'H' => day.Format("HH"),
        'I' => day.Format("hh"),
        'j' => day.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'k' => day.Hour.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'l' => (((day.Hour + 11) % 12) + 1).ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'm' => day.Format("MM"),
        'M' => day.Format("mm"),
        'n' => "\n",
        'p' => day.Hour < 12 ? "AM" : "PM",
        'P' => day.Hour < 12 ? "am" : "pm",
        'r' => $"{day.Format("hh:mm:ss")} {(day.Hour < 12 ? "AM" : "PM")}",
        'R' => day.Format("HH:mm"),
        'S' => day.Format("ss"),
        't' => "\t",
        'T' or 'X' => day.Format("HH:mm:ss"),
        'u' => (((int)day.DayOfWeek + 6) % 7 + 1).ToString(CultureInfo.InvariantCulture),
        'U' => ((day.DayOfYear + 6 - (int)day.DayOfWeek) / 7).ToString("00", CultureInfo.InvariantCulture),
        'V' => ISOWeek.GetWeekOfYear(day).ToString("00", CultureInfo.InvariantCulture),
        'w' => ((int)day.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'W' => ((day.DayOfYear + 6 - (((int)day.DayOfWeek + 6) % 7)) / 7).ToString("00", CultureInfo.InvariantCulture),
        'y' => day.Format("yy"),
        'Y' => day.Year.ToString(CultureInfo.InvariantCulture),
        'z' or 'Z' => "",
        '%' => "%",
        _ => throw JinjaError.Unsupported($"the directive %{directive} of strftime_now"),
    };

    private static string Format(this DateTime day, string format) => day.ToString(format, CultureInfo.InvariantCulture);
}
