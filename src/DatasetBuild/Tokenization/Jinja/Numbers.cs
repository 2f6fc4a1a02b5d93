using System.Globalization;
using System.Numerics;

namespace DatasetBuild.Tokenization.Jinja;

/// <summary>Python's arithmetic: integers without end, floor division and remainder with the divisor's sign.</summary>
internal static class Numbers
{
    /// <summary>More digits than this no integer may be printed or read with, as in Python.</summary>
    private const int MaxDigits = 4300;

    private const int MaxBits = 1 << 20;

    public static object Add(object left, object right) =>
        left is long a && right is long b && !Overflows(a, b, out var sum) ? sum : Both(left, right, (x, y) => Values.Normal(x + y), (x, y) => x + y);

    public static object Subtract(object left, object right) => Both(left, right, (x, y) => Values.Normal(x - y), (x, y) => x - y);

    public static object Multiply(object left, object right) => Both(left, right, (x, y) => Values.Normal(Bounded(x, y, x * y)), (x, y) => x * y);

    public static object Divide(object left, object right) => Both(
        left,
        right,
        (x, y) => y.IsZero ? throw Zero("division by zero") : Quotient(x, y),
        (x, y) => y == 0 ? throw Zero("float division by zero") : x / y);

    public static object FloorDivide(object left, object right) => Both(
        left,
        right,
        (x, y) => y.IsZero ? throw Zero("integer division or modulo by zero") : Values.Normal(Floor(x, y)),
        (x, y) => y == 0 ? throw Zero("float floor division by zero") : FloorQuotient(x, y));

    public static object Modulo(object left, object right) => Both(
        left,
        right,
        (x, y) => y.IsZero ? throw Zero("integer division or modulo by zero") : Values.Normal(x - (Floor(x, y) * y)),
        (x, y) => y == 0 ? throw Zero("float modulo") : Remainder(x, y));

    public static object Power(object left, object right)
    {
        if (Values.IsInteger(left, out var x) && Values.IsInteger(right, out var y))
        {
            if (y.Sign < 0)
            {
                return x.IsZero ? throw Zero("0.0 cannot be raised to a negative power") : Math.Pow((double)x, (double)y);
            }

            if (x.IsZero || x.IsOne || x == BigInteger.MinusOne)
            {
                return y.IsZero ? 1L : x == BigInteger.MinusOne && y.IsEven ? 1L : Values.Normal(x);
            }

            return y > MaxBits || x.GetBitLength() * (long)y > MaxBits ? throw TooLarge() : Values.Normal(BigInteger.Pow(x, (int)y));
        }

        var (a, b) = (ToDouble(left), ToDouble(right));
        if (a == 0 && b < 0)
        {
            throw Zero("0.0 cannot be raised to a negative power");
        }

        var power = Math.Pow(a, b);
        return a < 0 && !double.IsInteger(b) && double.IsFinite(b) ? throw JinjaError.Unsupported("a complex number")
            : double.IsInfinity(power) && double.IsFinite(a) && double.IsFinite(b) ? throw JinjaError.Runtime("(34, 'Numerical result out of range')")
            : power;
    }

    public static object Negate(object value) => value is double d ? -d : Values.IsInteger(value, out var integer) ? Values.Normal(-integer) : throw JinjaError.TypeOf(value, "cannot be negated");

    /// <summary>The order of two numbers, exact also between an integer and a float; null where one is NaN.</summary>
    public static int? Compare(object left, object right)
    {
        if (left is long a && right is long b)
        {
            return a.CompareTo(b);
        }

        if (Values.IsInteger(left, out var x) && Values.IsInteger(right, out var y))
        {
            return x.CompareTo(y);
        }

        if (left is double l && right is double r)
        {
            return double.IsNaN(l) || double.IsNaN(r) ? null : l.CompareTo(r);
        }

        if (left is double d)
        {
            return -Compare(right, d);
        }

        var other = (double)right;
        return double.IsNaN(other) ? null
            : double.IsInfinity(other) ? (other > 0 ? -1 : 1)
            : x.CompareTo(new BigInteger(Math.Floor(other))) is var order and not 0 ? order
            : double.IsInteger(other) ? 0 : -1;
    }

    public static double ToDouble(object value) =>
        value is double d ? d
        : Values.IsInteger(value, out var integer) && (double)integer is var converted && double.IsFinite(converted) ? converted
        : throw JinjaError.Runtime("int too large to convert to float");

    public static BigInteger ParseDigits(string digits, int radix)
    {
        if (radix == 10)
        {
            return digits.Length == 0 ? BigInteger.Zero : BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        }

        var value = BigInteger.Zero;
        foreach (var digit in digits)
        {
            value = (value * radix) + (char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        return value;
    }

    public static string ToText(BigInteger value) =>
        value.GetBitLength() > 14_300 || value.ToString(CultureInfo.InvariantCulture) is var text && text.TrimStart('-').Length > MaxDigits
            ? throw JinjaError.Runtime($"Exceeds the limit ({MaxDigits} digits) for integer string conversion")
            : text;

    /// <summary>The shortest text that reads back as the same float, as Python writes it.</summary>
    public static string ToText(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        var (negative, digits, point) = Decimal(value);
        var sign = negative ? "-" : "";
        if (point is > 16 or < -3)
        {
            var exponent = point - 1;
            return $"{sign}{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}";
        }

        return point <= 0 ? $"{sign}0.{new string('0', -point)}{digits}"
            : point >= digits.Length ? $"{sign}{digits}{new string('0', point - digits.Length)}.0"
            : $"{sign}{digits[..point]}.{digits[point..]}";
    }

    /// <summary>The shortest digits of a finite float, and where its point stands: 0.digits x 10^point.</summary>
    private static (bool Negative, string Digits, int Point) Decimal(double value)
    {
        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture).Split('E');
        var whole = shortest[0].Split('.')[0].TrimStart('0');
        var digits = shortest[0].Replace(".", "", StringComparison.Ordinal).TrimStart('0');
        var leadingZeros = whole.Length > 0 ? 0 : shortest[0].Length - 2 - digits.Length;
        var exponent = shortest.Length > 1 ? int.Parse(shortest[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
        return value == 0 ? (double.IsNegative(value), "0", 1) : (value < 0, digits.TrimEnd('0'), whole.Length - leadingZeros + exponent);
    }

    private static object Both(object left, object right, Func<BigInteger, BigInteger, object> integers, Func<double, double, double> floats) =>
        Values.IsInteger(left, out var x) && Values.IsInteger(right, out var y) ? integers(x, y) : floats(ToDouble(left), ToDouble(right));

    private static bool Overflows(long a, long b, out object sum)
    {
        var wrapped = unchecked(a + b);
        sum = wrapped;
        return ((a ^ wrapped) & (b ^ wrapped)) < 0;
    }

    private static BigInteger Bounded(BigInteger x, BigInteger y, BigInteger product) => x.GetBitLength() + y.GetBitLength() > MaxBits ? throw TooLarge() : product;

    private static BigInteger Floor(BigInteger x, BigInteger y)
    {
        var quotient = BigInteger.DivRem(x, y, out var remainder);
        return !remainder.IsZero && (remainder.Sign < 0) != (y.Sign < 0) ? quotient - 1 : quotient;
    }

    private static double Quotient(BigInteger x, BigInteger y) =>
        BigInteger.Abs(x) < (1L << 53) && BigInteger.Abs(y) < (1L << 53) ? (double)x / (double)y : ToDouble(Values.Normal(x)) / ToDouble(Values.Normal(y));

    private static double Remainder(double x, double y)
    {
        var remainder = x % y;
        return remainder != 0 ? ((y < 0) != (remainder < 0) ? remainder + y : remainder) : Math.CopySign(0.0, y);
    }

    private static double FloorQuotient(double x, double y)
    {
        var remainder = Remainder(x, y);
        var quotient = (x - remainder) / y;
        if (quotient == 0)
        {
            return Math.CopySign(0.0, x / y);
        }

        var floor = Math.Floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    private static JinjaError Zero(string message) => JinjaError.Runtime(message);

    private static JinjaError TooLarge() => new(JinjaFailure.Limit, $"an integer of more than {MaxBits} bits");
}
