namespace DatasetBuild.LanguageModels;

/// <summary>The codes of what can be wrong with a model folder and with what is asked of a model; see the README's table.</summary>
public static class ModelCodes
{
    public const string NoModel = "DSB3050";
    public const string InvalidConfig = "DSB3051";
    public const string UnknownArchitecture = "DSB3052";
    public const string UnsupportedKey = "DSB3053";
    public const string NoWeights = "DSB3054";
    public const string DamagedWeights = "DSB3055";
    public const string InvalidIndex = "DSB3056";
    public const string MissingTensor = "DSB3057";
    public const string UnknownTensor = "DSB3058";
    public const string WrongTensor = "DSB3059";
    public const string TooLarge = "DSB3060";
    public const string InvalidIds = "DSB3061";
    public const string TokenOutsideVocabulary = "DSB3062";
    public const string LongerThanContext = "DSB3063";
}
