using DatasetBuild.LanguageModels.Architectures;
using DatasetBuild.LanguageModels.Kernels;

namespace DatasetBuild.LanguageModels.Decoding;

/// <summary>A normalisation with its weights.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Weight">Null with <see cref="NormKind.LayerPlain"/>.</param>
/// <param name="Bias">Null but for <see cref="NormKind.Layer"/>.</param>
/// <param name="Epsilon">Of the configuration.</param>
internal sealed unsafe record Norm(NormKind Kind, NativeBuffer? Weight, NativeBuffer? Bias, float Epsilon) : IDisposable
{
    /// <summary>Normalises rows of <paramref name="width"/> values; the target may be the rows themselves.</summary>
    /// <param name="rows">The first row.</param>
    /// <param name="stride">Values from one row to the next.</param>
    /// <param name="count">Rows.</param>
    /// <param name="width">Values of a row.</param>
    /// <param name="target">Of the first normalised row.</param>
    /// <param name="targetStride">Values from one of those to the next.</param>
    /// <param name="weights">Where the weights start that are meant.</param>
    public void Apply(float* rows, long stride, int count, int width, float* target, long targetStride, int weights = 0)
    {
        var weight = Weight is null ? null : Weight.Floats + weights;
        var bias = Bias is null ? null : Bias.Floats + weights;
        for (var row = 0; row < count; row++)
        {
            var x = rows + (row * stride);
            var y = target + (row * targetStride);
            if (Kind is NormKind.Rms or NormKind.RmsPlusOne)
            {
                Norms.Rms(x, weight, Kind == NormKind.RmsPlusOne ? 1 : 0, y, width, Epsilon);
            }
            else
            {
                Norms.Layer(x, weight, bias, y, width, Epsilon);
            }
        }
    }

    public void Dispose()
    {
        Weight?.Dispose();
        Bias?.Dispose();
    }
}
