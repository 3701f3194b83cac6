using Waypost.Storage;

namespace Waypost.Events;

/// <summary>Something that happened. The record's properties are the event's data.</summary>
public interface IEvent
{
    /// <summary>The event's type, in the dotted words that subscribers filter by: <c>job.completed</c>.</summary>
    static abstract string EventType { get; }
}

/// <summary>Writes what happened in the transaction that made it happen.</summary>
public static class Emitting
{
    /// <summary>The channel the relay waits on.</summary>
    internal const string Channel = "events";

    extension(Tx tx)
    {
        /// <summary>Records what happened together with the change itself; the relay hands it on after
        /// commit.</summary>
        /// <param name="org">Whose event it is.</param>
        /// <param name="at">When it happened.</param>
        /// <param name="happened">The event.</param>
        /// <param name="subject">The id of the thing it happened to: a job, an item, an entity.</param>
        /// <param name="id">The event's id, where rows have been marked with it already; a new one without.</param>
        /// <returns>The event's id.</returns>
        public async Task<Guid> Emit<TEvent>(
            string org, DateTimeOffset at, TEvent happened, string? subject = null, Guid? id = null)
            where TEvent : IEvent
        {
            var known = id ?? Guid.CreateVersion7(at);
            await tx.Run($"""
                insert into events (id, org, type, subject, at, body)
                values ({known}, {org}, {TEvent.EventType}, {subject}, {at}, {Json.Of(happened)})
                """);
            tx.WakeAfterCommit(Channel);
            return known;
        }

        /// <summary>Whether the event of this id was written: so does whoever lost the answer to a commit learn what
        /// became of it.</summary>
        public async Task<bool> HasEmitted(string org, Guid id) =>
            await tx.Count($"select count(*) as n from events where org = {org} and id = {id}") > 0;
    }
}
