namespace DatasetBuild.Caching;

/// <summary>The codes of this room. A code is never reused for another meaning.</summary>
public static class CacheCodes
{
    /// <summary>Warning: a cached file is damaged; what it held is computed again.</summary>
    public const string DamagedFile = "DSB4001";

    /// <summary>Warning: a cached file exists but cannot be read (permission, device); what it holds is computed again.</summary>
    public const string UnreadableFile = "DSB4002";

    /// <summary>Warning: something could not be written to the cache (disk full, read-only); the build goes on without.</summary>
    public const string CannotWrite = "DSB4003";

    /// <summary>Error: stored scores were to be dropped and cannot be.</summary>
    public const string CannotForget = "DSB4004";

    /// <summary>Warning: a score segment or log is damaged; the scores in its bad parts are computed again.</summary>
    public const string DamagedScores = "DSB4010";

    /// <summary>Warning: a file among the scores belongs to another scorer, width or format; it is ignored.</summary>
    public const string ForeignScores = "DSB4011";

    /// <summary>Warning: the store held two different values for one record; both are discarded and scored again.</summary>
    public const string ConflictingScores = "DSB4012";

    /// <summary>Error: scored again, a record has another value than the store says.</summary>
    public const string WrongScore = "DSB4013";

    /// <summary>Message: an interrupted commit of output files was found and finished.</summary>
    public const string CommitFinished = "DSB4020";

    /// <summary>Warning: an interrupted commit of output files was found and discarded.</summary>
    public const string CommitDiscarded = "DSB4021";

    /// <summary>Error: a target path leaves the output folder or passes through a symbolic link.</summary>
    public const string UnsafePath = "DSB4022";

    /// <summary>Error: the output files could not be written or put in place.</summary>
    public const string CannotCommit = "DSB4023";

    /// <summary>Error: another build is writing to the same output folder and did not end in time.</summary>
    public const string OutputFolderBusy = "DSB4024";

    /// <summary>Message: the cache exceeded its size limit and was trimmed.</summary>
    public const string CacheTrimmed = "DSB4030";
}
