using Waypost.Work;
using Xunit;

namespace Waypost.Tests.Work;

/// <summary>Every pair of state and step, against a second table written in another way.</summary>
public sealed class TransitionTests
{
    [Fact]
    public void Of_all_steps_of_a_job_only_those_of_the_contract_are_possible()
    {
        var expected = new HashSet<(JobState, JobStep, JobState)>
        {
            (JobState.Queued, JobStep.Start, JobState.Processing),
            (JobState.Queued, JobStep.Pause, JobState.Paused),
            (JobState.Processing, JobStep.Pause, JobState.Paused),
            (JobState.Paused, JobStep.Resume, JobState.Processing),
            (JobState.Paused, JobStep.ResumeUnstarted, JobState.Queued),
            (JobState.CompletedWithErrors, JobStep.Retry, JobState.Queued),
            (JobState.Failed, JobStep.Retry, JobState.Queued),
            (JobState.Cancelled, JobStep.Retry, JobState.Queued),
        };
        foreach (var alive in new[] { JobState.Queued, JobState.Processing, JobState.Paused })
        {
            expected.Add((alive, JobStep.Complete, JobState.Completed));
            expected.Add((alive, JobStep.CompleteWithErrors, JobState.CompletedWithErrors));
            expected.Add((alive, JobStep.Fail, JobState.Failed));
            expected.Add((alive, JobStep.Cancel, JobState.Cancelled));
        }
        var possible = from state in Enum.GetValues<JobState>()
                       from step in Enum.GetValues<JobStep>()
                       let after = state.After(step)
                       where after is not null
                       select (state, step, after.Value);

        Assert.Equal(expected.Order(), possible.Order());
    }

    [Fact]
    public void Of_all_steps_of_a_task_only_those_of_the_contract_are_possible()
    {
        string[] expected =
        [
            "Ready Lease Processing", "Ready Hold Held", "Ready Cancel Cancelled",
            "Processing Complete Completed", "Processing Fail Failed", "Processing BackOff PendingRetry",
            "Processing Requeue Ready", "Processing Hold Held", "Processing Cancel Cancelled",
            "PendingRetry BecomeDue Ready", "PendingRetry Hold Held", "PendingRetry Cancel Cancelled",
            "Held Release Ready", "Held ReleaseLater PendingRetry", "Held Hold Held", "Held Cancel Cancelled",
            "Completed Plan Ready", "Failed Plan Ready", "Cancelled Plan Ready",
            "Failed Retry Ready", "Cancelled Retry Ready",
        ];
        var possible = from state in Enum.GetValues<TaskState>()
                       from step in Enum.GetValues<TaskStep>()
                       let after = state.After(step)
                       where after is not null
                       select $"{state} {step} {after}";

        Assert.Equal(expected.Order(StringComparer.Ordinal), possible.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Whatever_happens_an_ended_job_only_comes_back_by_a_retry_and_every_living_one_can_end()
    {
        foreach (var state in Enum.GetValues<JobState>())
        {
            var ways = Enum.GetValues<JobStep>().Where(step => state.After(step) is not null).ToList();
            if (state.IsOver()) Assert.All(ways, step => Assert.Equal(JobStep.Retry, step));
            else Assert.Contains(ways, step => state.After(step)!.Value.IsOver());
        }
    }
}
