/* SPDX-License-Identifier: Apache-2.0 */
#include "api/peer.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#define PEER_GROUPS_MAX 1024

int peer_of(int fd, struct peer *ret)
{
	struct ucred cred;
	socklen_t length = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &length) < 0)
		return -errno;
	*ret = (struct peer){ cred.uid, cred.gid };
	return 0;
}

bool peer_is_privileged(const struct peer *p)
{
	return p->uid == 0 || p->uid == geteuid();
}

bool peer_may_write(const struct peer *p)
{
	gid_t groups[PEER_GROUPS_MAX];
	int count = PEER_GROUPS_MAX;
	const struct passwd *user;
	const struct group *group;
	gid_t wanted;

	if (peer_is_privileged(p))
		return true;
	group = getgrnam(PEER_GROUP);
	if (!group)
		return false;
	wanted = group->gr_gid;
	if (p->gid == wanted)
		return true;
	user = getpwuid(p->uid);
	if (!user || getgrouplist(user->pw_name, p->gid, groups, &count) < 0)
		return false;
	for (int i = 0; i < count; i++)
		if (groups[i] == wanted)
			return true;
	return false;
}
