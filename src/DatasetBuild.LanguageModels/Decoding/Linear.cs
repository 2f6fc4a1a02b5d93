using DatasetBuild.LanguageModels.Kernels;

namespace DatasetBuild.LanguageModels.Decoding;

/// <summary>A matrix of weights and what is added to its products.</summary>
/// <param name="Weights"><c>outputs x inputs</c>.</param>
/// <param name="Bias">One value an output; null: none.</param>
internal sealed unsafe record Linear(PackedMatrix Weights, NativeBuffer? Bias) : IDisposable
{
    /// <summary>target = rows weights^T + bias, without gaps between rows.</summary>
    public void Apply(MatrixProduct product, float* rows, int count, float* target)
    {
        product.Multiply(rows, Weights.Inputs, count, Weights, target, Weights.Outputs);
        if (Bias is not null)
        {
            for (var row = 0; row < count; row++)
            {
                Rows.Add(target + ((long)row * Weights.Outputs), Bias.Floats, Weights.Outputs);
            }
        }
    }

    public void Dispose()
    {
        Weights.Dispose();
        Bias?.Dispose();
    }
}
