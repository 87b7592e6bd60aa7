/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/rights.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

bool rights_include(uint64_t mask)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	uint64_t effective;

	if (syscall(SYS_capget, &header, data) < 0)
		return false;
	effective = (uint64_t)data[1].effective << 32 | data[0].effective;
	return (effective & mask) == mask;
}
