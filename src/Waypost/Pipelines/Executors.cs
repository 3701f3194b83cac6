using Waypost.Access;
using Waypost.Geo;
using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Pipelines;

/// <summary>What the executors of this module have in common.</summary>
static class Executors
{
    /// <summary>An executor whose faults in the data become the task's error, for good: the same bytes fail
    /// again.</summary>
    public static TaskExecutor Of(string kind, string stage, Func<TaskContext, CancellationToken, Task<Json>> run) =>
        new(kind, stage, async (context, ct) =>
        {
            try
            {
                return await run(context, ct);
            }
            catch (BadGeodataException bad)
            {
                throw new TaskFailedException(ErrorOf(bad.Fault), bad);
            }
            catch (Refused refused)
            {
                throw new TaskFailedException(new TaskError(
                    refused.Code, "PARAMETER_ERROR", refused.Message, refused.Remedy, UserFixable: true,
                    ErrorClass.Permanent), refused);
            }
        });

    /// <summary>A fault in the data, as a task reports it.</summary>
    public static TaskError ErrorOf(GeodataFault fault) => new(
        fault.Code, CategoryOf(fault.Category), fault.Message, fault.Remediation, fault.UserFixable,
        ErrorClass.Permanent);

    /// <summary>Something that should not have happened with sound data and sound code.</summary>
    public static TaskFailedException Broken(string code, string sentence) => new(new TaskError(
        code, "SYSTEM_ERROR", sentence,
            "Try again with POST /platform/resubmit; if it happens again, tell the operator.",
        UserFixable: false, ErrorClass.Permanent));

    /// <summary>A share of a task's progress.</summary>
    public static IProgress<double> Part(this IProgress<double> whole, double from, double to) =>
        new Share(whole, from, to);

    static string CategoryOf(GeodataCategory category) => category switch
    {
        GeodataCategory.DataMissing => "DATA_MISSING",
        GeodataCategory.DataQuality => "DATA_QUALITY",
        GeodataCategory.DataIncompatible => "DATA_INCOMPATIBLE",
        _ => "PARAMETER_ERROR",
    };

    // Not Progress<T>, which hands reports to other threads and may deliver them late and out of order.
    sealed class Share(IProgress<double> whole, double from, double to) : IProgress<double>
    {
        public void Report(double value) => whole.Report(from + value * (to - from));
    }
}
