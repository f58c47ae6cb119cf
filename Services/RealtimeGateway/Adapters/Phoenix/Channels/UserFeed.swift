/// `user:U`: notifications and the fate of uploads, for one user's own devices.
struct UserFeed: TopicBehaviour {}
