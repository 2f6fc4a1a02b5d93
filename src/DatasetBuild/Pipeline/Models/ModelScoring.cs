using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using DatasetBuild.Scoring;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Scores records by a language model. Batches are as large as what the model does in a second, so that no more than that is lost when the process is killed; inside
/// a batch the longest records come first, so that threads end together. What fails for want of memory, time or a device is tried again by halves, down to one
/// record.
/// </summary>
internal sealed class ModelScoring(BuildSession session, Pool pool, IModelScorer scorer)
{
    private const double SecondsPerBatch = 1;
    private const double SecondsOfSample = 5;
    private const int RecordsOfSample = 64;
    private const int RecordsPerWindow = 512;
    private const int LeastBytes = 1 << 10;
    private const int MostBytes = 1 << 18;

    private double bytesPerBatch = 1 << 12;

    /// <summary>Takes what was scored: record numbers, and their values and states in the same order.</summary>
    public delegate void Commit(int[] records, byte[] values, byte[] states);

    /// <summary>Scores records, first a sample from everywhere, from which it tells how long the others take.</summary>
    /// <param name="stage">The stage, for people.</param>
    /// <param name="records">Ascending.</param>
    /// <param name="commit">Called once a batch.</param>
    public void Run(string stage, int[] records, Commit commit)
    {
        scorer.Open();
        var sample = SampleOf(records);
        var (scored, seconds, tokens) = Measure(sample, commit);
        Tell(stage, records.Length, scored, seconds, tokens);
        Score(sample.AsSpan(scored), commit);
        var rest = records.Except(sample).ToArray();
        for (var from = 0; from < rest.Length; from += RecordsPerWindow)
        {
            Score(rest.AsSpan(from, Math.Min(RecordsPerWindow, rest.Length - from)), commit);
        }
    }

    /// <summary>How many seconds it would take to score the records, by a sample of them; nothing is kept.</summary>
    public double Estimate(int[] records)
    {
        scorer.Open();
        var (scored, seconds, _) = Measure(SampleOf(records), (_, _, _) => { });
        return seconds / scored * records.Length;
    }

    /// <summary>Some of the records, at even distances.</summary>
    private static int[] SampleOf(int[] records)
    {
        var sample = new int[Math.Min(RecordsOfSample, records.Length)];
        for (var i = 0; i < sample.Length; i++)
        {
            sample[i] = records[(int)((long)i * records.Length / sample.Length)];
        }

        return sample;
    }

    /// <summary>Scores the records of a sample in their order until that took long enough.</summary>
    private (int Scored, double Seconds, long Tokens) Measure(int[] sample, Commit commit)
    {
        var before = scorer.TokensFed;
        var clock = Stopwatch.StartNew();
        var scored = 0;
        foreach (var batch in Batches(Read(sample)))
        {
            Score(batch, commit);
            scored += batch.Count;
            if (clock.Elapsed.TotalSeconds >= SecondsOfSample)
            {
                break;
            }
        }

        return (scored, clock.Elapsed.TotalSeconds, scorer.TokensFed - before);
    }

    private void Tell(string stage, int records, int scored, double seconds, long tokens)
    {
        var left = seconds / scored * (records - scored);
        if (left > SecondsOfSample)
        {
            session.Report(new Diagnostic(
                Severity.Message,
                PassCodes.Estimate,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"stage '{stage}', {scorer.Pass}: {records:N0} records of about {(double)tokens / scored * records:N0} tokens are to be scored, at {tokens / seconds:N0} tokens a second (measured on {scored}) in about {TimeSpan.FromSeconds(Math.Round(left)):c}. It may be stopped at any time, and goes on from there."),
                session.Plan.Project));
        }
    }

    private void Score(ReadOnlySpan<int> records, Commit commit)
    {
        var window = Read(records.ToArray());
        window.Sort((one, other) => other.Canonical.Length.CompareTo(one.Canonical.Length));
        foreach (var batch in Batches(window))
        {
            Score(batch, commit);
        }
    }

    private List<Loaded> Read(int[] records)
    {
        var read = new List<Loaded>(records.Length);
        Array.Sort(records);
        new RecordScan(session, pool).Conversations(records, (numbers, batch) =>
        {
            lock (read)
            {
                for (var i = 0; i < numbers.Count; i++)
                {
                    read.Add(new Loaded(numbers[i], batch.Canonical(i).ToArray()));
                }
            }
        });
        return read;
    }

    private IEnumerable<List<Loaded>> Batches(List<Loaded> records)
    {
        var batch = new List<Loaded>();
        var bytes = 0;
        foreach (var record in records)
        {
            if (batch.Count > 0 && bytes + record.Canonical.Length > bytesPerBatch)
            {
                yield return batch;
                (batch, bytes) = ([], 0);
            }

            batch.Add(record);
            bytes += record.Canonical.Length;
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    private void Score(List<Loaded> records, Commit commit)
    {
        session.Cancel.ThrowIfCancellationRequested();
        using var batch = new ConversationBatch();
        records.ForEach(record => batch.Add(record.Canonical));
        var values = new byte[records.Count * scorer.Width];
        var states = new byte[records.Count];
        var clock = Stopwatch.StartNew();
        try
        {
            scorer.Score(batch, values, states, session.Cancel);
        }
        catch (Exception error) when (IsTransient(error) || IsOfOneRecord(error))
        {
            if (records.Count == 1)
            {
                throw CannotScore(records[0].Record, error);
            }

            bytesPerBatch = Math.Max(LeastBytes, batch.Bytes / 2);
            var half = records.Count / 2;
            Score(records[..half], commit);
            Score(records[half..], commit);
            return;
        }

        commit([.. records.Select(record => record.Record)], values, states);
        var aimed = batch.Bytes * SecondsPerBatch / Math.Max(1e-3, clock.Elapsed.TotalSeconds);
        bytesPerBatch = Math.Clamp(aimed, LeastBytes, Math.Min(MostBytes, 4 * bytesPerBatch));
    }

    /// <summary>Whether it may go well with fewer records at once, or another time. It is never stored.</summary>
    private static bool IsTransient(Exception error) => error is OutOfMemoryException or IOException or TimeoutException or ExternalException;

    /// <summary>Whether some record cannot be encoded: the halves show which one, and what is before it is scored meanwhile.</summary>
    private static bool IsOfOneRecord(Exception error) => error is DatasetException { Diagnostic.Code: not PassCodes.ModelChanged };

    private DatasetException CannotScore(int record, Exception error)
    {
        var shard = pool.ShardOf(record);
        var failure = error as DatasetException
            ?? new DatasetException(PassCodes.CannotScore, $"the model cannot score this record ({error.Message}). Free memory, or set MaxLength; what is scored already is kept.", inner: error);
        return FailedRecord.At(failure, shard.Declared.FullPath, PoolIndexer.Load(session, shard).LineOf(record - shard.First));
    }

    private sealed record Loaded(int Record, byte[] Canonical);
}
