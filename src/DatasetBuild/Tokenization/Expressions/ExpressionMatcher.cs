namespace DatasetBuild.Tokenization;

/// <summary>
/// Runs an <see cref="ExpressionProgram"/> over one text: leftmost match, first choice first, by backtracking over UTF-8. Once a text has cost more
/// steps than a harmless pattern needs, each (instruction, place) that led nowhere is remembered and never tried again, which makes the work
/// linear in the text for all patterns but those that look far ahead from every place; those end in an error.
/// </summary>
internal ref struct ExpressionMatcher
{
    private const int PageBits = 12;

    // Some ten steps a byte are normal; what needs hundreds would not end on a long text.
    private const long FreeSteps = 4096;
    private const long FreeStepsPerByte = 32;
    private const long MostSteps = 1_000_000;
    private const long MostStepsPerByte = 256;

    private readonly ExpressionProgram _program;
    private readonly ReadOnlySpan<byte> _text;
    private readonly int[] _registers;
    private readonly long _limit;
    private Entry[] _stack = new Entry[64];
    private int _depth;
    private ulong[]?[]?[]? _failed;
    private int _behind = -1;

    public ExpressionMatcher(ExpressionProgram program, ReadOnlySpan<byte> text)
    {
        _program = program;
        _text = text;
        _registers = new int[program.Registers];
        _limit = MostSteps + (MostStepsPerByte * text.Length);
    }

    private enum EntryKind
    {
        /// <summary>Go on at <c>A</c> from <c>B</c>.</summary>
        Choice,

        /// <summary>Give back one character of a run that started at <c>C</c> and now ends at <c>B</c>, then go on at <c>A</c>.</summary>
        Run,

        /// <summary>All from <c>A</c> at <c>B</c> led nowhere.</summary>
        Failed,

        /// <summary>The register <c>A</c> was <c>B</c>.</summary>
        Restore,
    }

    /// <summary>Instructions executed and characters compared so far.</summary>
    public long Steps { get; private set; }

    /// <summary>Finds the first match at or after <paramref name="start"/>.</summary>
    /// <exception cref="ExpressionException">The search took more steps than the text allows.</exception>
    public bool Find(int start, out int matchStart, out int matchEnd)
    {
        for (matchStart = start; matchStart <= _text.Length;)
        {
            var length = 1;
            var code = matchStart < _text.Length ? Utf8Scalars.Decode(_text, matchStart, out length) : -1;
            if (_program.First is null || (code >= 0 && _program.First.Contains(code)))
            {
                matchEnd = Run(0, matchStart);
                if (matchEnd >= 0)
                {
                    return true;
                }
            }

            matchStart += length;
        }

        matchEnd = -1;
        return false;
    }

    /// <summary>Runs from an instruction to its Accept or Return; the end of what matched, or -1.</summary>
    private int Run(int pc, int position)
    {
        var floor = _depth;
        while (true)
        {
            if (++Steps > _limit)
            {
                throw new ExpressionException($"it took more than {_limit} steps on a text of {_text.Length} bytes");
            }

            var instruction = _program.Code[pc];
            var matched = true;
            switch (instruction.Operation)
            {
                case Operation.Character:
                    matched = position < _text.Length && instruction.Set!.Contains(Utf8Scalars.Decode(_text, position, out var length)) && Advance(ref position, length);
                    pc++;
                    break;
                case Operation.Star:
                    matched = !IsFailed(pc, position);
                    if (matched && !Remembers)
                    {
                        position = Star(instruction.Set!, pc, position);
                        pc++;
                    }
                    else if (matched)
                    {
                        pc += StepStar(instruction.Set!, pc, ref position) ? 0 : 1;
                    }

                    break;
                case Operation.Split:
                    matched = !IsFailed(pc, position);
                    if (matched)
                    {
                        if (Remembers)
                        {
                            Push(new Entry(EntryKind.Failed, pc, position));
                        }

                        Push(new Entry(EntryKind.Choice, instruction.B, position));
                        pc = instruction.A;
                    }

                    break;
                case Operation.Jump:
                    pc = instruction.A;
                    break;
                case Operation.Mark:
                    Push(new Entry(EntryKind.Restore, instruction.A, _registers[instruction.A]));
                    _registers[instruction.A] = position;
                    pc++;
                    break;
                case Operation.Progress:
                    pc = _registers[instruction.A] == position ? instruction.B : pc + 1;
                    break;
                case Operation.Atomic:
                    position = Run(pc + 1, position);
                    matched = position >= 0;
                    pc = instruction.A;
                    break;
                case Operation.LookAhead or Operation.NotAhead:
                    matched = Run(pc + 1, position) >= 0 == (instruction.Operation == Operation.LookAhead);
                    pc = instruction.A;
                    break;
                case Operation.LookBehind or Operation.NotBehind:
                    matched = LooksBehind(instruction, pc + 1, position) == (instruction.Operation == Operation.LookBehind);
                    pc = instruction.A;
                    break;
                case Operation.Assert:
                    matched = Holds((AssertionKind)instruction.A, position);
                    pc++;
                    break;
                case Operation.Return when position != _behind:
                    matched = false;
                    break;
                default:
                    _depth = floor;
                    return position;
            }

            if (!matched && !Backtrack(floor, ref pc, ref position))
            {
                return -1;
            }
        }
    }

    private static bool Advance(ref int position, int length)
    {
        position += length;
        return true;
    }

    private int Star(CodePointSet set, int pc, int start)
    {
        var end = start;
        while (end < _text.Length && set.Contains(Utf8Scalars.Decode(_text, end, out var length)))
        {
            end += length;
            Steps++;
        }

        if (end > start)
        {
            Push(new Entry(EntryKind.Run, pc + 1, end, start));
        }

        return end;
    }

    /// <summary>Takes one character of the set, so that a place where the rest of the run is known to lead nowhere ends it; false if there is none.</summary>
    private bool StepStar(CodePointSet set, int pc, ref int position)
    {
        if (position == _text.Length || !set.Contains(Utf8Scalars.Decode(_text, position, out var length)))
        {
            return false;
        }

        Push(new Entry(EntryKind.Failed, pc, position));
        Push(new Entry(EntryKind.Choice, pc + 1, position));
        return Advance(ref position, length);
    }

    /// <summary>Takes up the last choice above <paramref name="floor"/>.</summary>
    private bool Backtrack(int floor, ref int pc, ref int position)
    {
        while (_depth > floor)
        {
            ref var entry = ref _stack[--_depth];
            switch (entry.Kind)
            {
                case EntryKind.Choice:
                    (pc, position) = (entry.A, entry.B);
                    return true;
                case EntryKind.Run:
                    Steps++;
                    Utf8Scalars.DecodeBefore(_text, entry.B, out var before);
                    entry = entry with { B = before };
                    _depth += before > entry.C ? 1 : 0;
                    (pc, position) = (entry.A, before);
                    return true;
                case EntryKind.Failed:
                    MarkFailed(entry.A, entry.B);
                    break;
                default:
                    _registers[entry.A] = entry.B;
                    break;
            }
        }

        return false;
    }

    private bool LooksBehind(in Instruction instruction, int pc, int position)
    {
        var (outer, start, found) = (_behind, position, false);
        _behind = position;
        for (var characters = 0; characters <= instruction.Most && !found; characters++)
        {
            found = characters >= instruction.Least && Run(pc, start) >= 0;
            if (start == 0)
            {
                break;
            }

            Utf8Scalars.DecodeBefore(_text, start, out start);
        }

        _behind = outer;
        return found;
    }

    private readonly bool Holds(AssertionKind kind, int position) => kind switch
    {
        AssertionKind.TextStart => position == 0,
        AssertionKind.TextEnd => position == _text.Length,
        AssertionKind.TextEndOrFinalLine => position == _text.Length || (position == _text.Length - 1 && _text[position] == '\n'),
        AssertionKind.LineStart => position == 0 || (position < _text.Length && _text[position - 1] == '\n'),
        AssertionKind.LineEnd => position == _text.Length || _text[position] == '\n',
        AssertionKind.WordBoundary => IsWordBoundary(position),
        _ => !IsWordBoundary(position),
    };

    private readonly bool IsWordBoundary(int position)
    {
        var before = position > 0 && CharacterClasses.BareWord.Contains(Utf8Scalars.DecodeBefore(_text, position, out _));
        var after = position < _text.Length && CharacterClasses.BareWord.Contains(Utf8Scalars.Decode(_text, position, out _));
        return before != after;
    }

    // What fails inside a look-behind fails for the place that it has to end at, not for all.
    private readonly bool Remembers => _behind < 0 && Steps > FreeSteps + (FreeStepsPerByte * _text.Length);

    private readonly bool IsFailed(int pc, int position) =>
        _failed is not null && _behind < 0 && _failed[pc]?[position >> PageBits] is { } page
        && (page[(position & ((1 << PageBits) - 1)) >> 6] >> (position & 63) & 1) != 0;

    private void MarkFailed(int pc, int position)
    {
        _failed ??= new ulong[]?[_program.Code.Length][];
        var pages = _failed[pc] ??= new ulong[]?[(_text.Length >> PageBits) + 1];
        var page = pages[position >> PageBits] ??= new ulong[1 << (PageBits - 6)];
        page[(position & ((1 << PageBits) - 1)) >> 6] |= 1UL << (position & 63);
    }

    private void Push(in Entry entry)
    {
        if (_depth == _stack.Length)
        {
            Array.Resize(ref _stack, _stack.Length * 2);
        }

        _stack[_depth++] = entry;
    }

    private readonly record struct Entry(EntryKind Kind, int A, int B, int C = 0);
}
